"""Everybody can use it: by keyboard, by ear, on a narrow screen, in the dark, without motion."""

import re
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.local.page.conftest import (
    KEY_REFUSED,
    NOT_SURE,
    SURE,
    OpenPage,
    choose,
    file,
    jpeg,
    said,
    stub,
)

# Of each text that is seen: its colour, and the first colour behind it. WCAG 2.2, 1.4.3.
TEXTS = """() => [...document.querySelectorAll("body *")]
  .filter((e) => e.checkVisibility() && !e.closest(".hidden, svg")
    && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
  .map((e) => {
    const paper = (e) => getComputedStyle(e).backgroundColor;
    let behind = e;
    while (paper(behind) === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
    return [e.textContent.trim().slice(0, 30), getComputedStyle(e).color, paper(behind)];
  })"""
Rgb = tuple[int, int, int]


def rgb(color: str) -> Rgb:
    red, green, blue = map(int, re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", color).groups())  # type: ignore[union-attr]
    return red, green, blue


def luminance(color: Rgb) -> float:
    parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in color]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(rgb(one)), luminance(rgb(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def fill(page: Page) -> None:
    """Bring all that the page can show onto it: answers, feedback, thanks, troubles, the key."""
    stub(page, "v1/predict", NOT_SURE)
    choose(page, jpeg(), file("notes.txt", b"hello"))
    page.get_by_role("radio", name="Another brand").check()
    stub(page, "v1/predict", SURE)
    choose(page, jpeg())
    page.get_by_role("radio", name="Yes").first.check()
    stub(page, "v1/feedback", {"kept_photo": False})
    page.get_by_role("button", name="Send").first.click()
    expect(page.get_by_text("Thank you.")).to_be_visible()
    stub(page, "v1/feedback", {"title": "No", "detail": "Not now."}, 500)
    page.get_by_role("radio", name="None of these").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_be_visible()
    stub(page, "v1/predict", KEY_REFUSED, 403)
    choose(page, jpeg())
    page.get_by_label("API key", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("That key was refused")).to_be_visible()


def test_contrast_is_checked_rightly() -> None:
    assert contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    assert contrast("rgb(119, 119, 119)", "rgb(255, 255, 255)") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_can_be_read(open_page: OpenPage, scheme: Literal["light", "dark"]) -> None:
    page = open_page(color_scheme=scheme)
    fill(page)
    texts = page.evaluate(TEXTS)
    assert len(texts) > 30
    faint = {text: contrast(ink, paper) for text, ink, paper in texts if contrast(ink, paper) < 4.5}
    assert faint == {}
    page_is_dark = luminance(rgb(page.evaluate("getComputedStyle(document.body).backgroundColor")))
    assert (page_is_dark < 0.05) == (scheme == "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_controls_can_be_seen(
    open_page: OpenPage, scheme: Literal["light", "dark"]
) -> None:
    page = open_page(color_scheme=scheme)
    stub(page, "v1/predict", NOT_SURE)
    choose(page, jpeg())
    page.get_by_role("radio", name="Another brand").check()
    sheet = page.locator(".card").evaluate("e => getComputedStyle(e).backgroundColor")
    for control in (page.locator(".chip").first, page.get_by_label("Which brand is it?")):
        edge = control.evaluate("e => getComputedStyle(e).borderTopColor")
        assert contrast(edge, sheet) >= 3
    focus = page.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()"
    )
    assert re.fullmatch("#[0-9a-f]{6}", focus)
    accent = "rgb({}, {}, {})".format(*bytes.fromhex(focus[1:]))
    assert contrast(accent, sheet) >= 3


def test_each_control_and_picture_has_a_name(page: Page) -> None:
    fill(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("radio", name="Another brand").first.check()
    for role in ("button", "link", "radio", "checkbox", "combobox", "img", "group"):
        found = page.get_by_role(role)
        assert found.count(), role
        for control in found.all():
            expect(control).to_have_accessible_name(re.compile(r"\w"))


def test_the_page_has_a_language_a_title_and_its_landmarks(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_title(re.compile("ChickLearning"))
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    for landmark in ("main", "banner", "contentinfo", "status"):
        expect(page.get_by_role(landmark)).to_have_count(1)


def test_korean_is_marked_as_korean_wherever_it_stands(page: Page) -> None:
    stub(page, "v1/predict", NOT_SURE)
    choose(page, jpeg())
    expect(page.get_by_role("group")).to_be_visible()
    unmarked = page.evaluate(
        r"""[...document.querySelectorAll("body *")].filter((e) => [...e.childNodes].some(
            (n) => n.nodeType === 3 && /\p{Script=Hangul}/u.test(n.data))
            && !e.closest("[lang=ko], script")).map((e) => e.outerHTML)"""
    )
    assert unmarked == []


def test_the_whole_way_by_keyboard(page: Page) -> None:
    stub(page, "v1/predict", NOT_SURE)
    asked = stub(page, "v1/feedback", {"kept_photo": False})
    page.on("filechooser", lambda chooser: chooser.set_files(jpeg()))
    page.keyboard.press("Tab")
    expect(page.get_by_label("Choose photos")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("group")).to_be_visible()
    expect(page.get_by_label("Choose photos")).to_be_focused()  # nothing took the focus away
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Another brand")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("BBQ")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Thank you.")).to_be_focused()
    assert said(asked[0])["brand"] == "BBQ"


def test_the_focus_is_seen_at_every_stop(page: Page) -> None:
    stub(page, "v1/predict", NOT_SURE)
    choose(page, jpeg())
    page.get_by_role("radio", name="Another brand").check()
    page.get_by_label("Choose photos").focus()
    for _ in range(6):  # verdict, brand, keep, send, two links
        page.keyboard.press("Tab")
        outline = page.evaluate(
            """() => { const at = document.activeElement;
            const shown = at.classList.contains("cover") ? at.parentElement : at;
            return getComputedStyle(shown).outlineStyle + getComputedStyle(shown).outlineWidth; }"""
        )
        assert outline == "solid3px"
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("link").first).to_be_focused()


def test_the_focus_comes_back_from_the_key(page: Page) -> None:
    stub(page, "v1/predict", KEY_REFUSED, 403)
    page.keyboard.press("Tab")
    choose(page, jpeg())
    expect(page.get_by_label("API key", exact=True)).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Tab")
        inside = "!document.hasFocus() || document.activeElement === document.body"
        assert page.evaluate(f"{inside} || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Choose photos")).to_be_focused()


def test_a_narrow_screen_needs_no_sideways_scroll(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 320, "height": 640})
    long = "kyochon-honey-combo-special-of-the-year" * 2
    rows: list[Any] = [{"brand": long, "name": "교촌" * 40, "probability": 0.9}]
    rows += NOT_SURE["probabilities"]  # type: ignore[arg-type]
    stub(page, "v1/predict", {**NOT_SURE, "probabilities": rows})
    choose(page, jpeg(name=long + ".jpg"), file(long + ".txt", b"hello"))
    page.get_by_role("radio", name="Another brand").check()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    stub(page, "v1/predict", KEY_REFUSED, 403)
    choose(page, jpeg())
    expect(page.get_by_role("dialog")).to_be_visible()
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 320


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_nothing_moves_where_it_should_not(
    open_page: OpenPage, motion: Literal["no-preference", "reduce"]
) -> None:
    page = open_page(reduced_motion=motion)
    page.route("**/v1/predict", lambda route: None)
    choose(page, jpeg())
    expect(page.get_by_role("img", name="Your photo")).to_be_visible()
    assert (page.evaluate("document.getAnimations().length") == 0) == (motion == "reduce")
