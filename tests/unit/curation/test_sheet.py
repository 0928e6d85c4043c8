"""The contact sheet in a real browser: one file, no server, by keyboard, nothing lost."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from model_code.__main__ import main
from model_code.dataset import file_sha256
from model_code.decisions import read_decisions
from tests.unit.curation.test_curate import plant

OpenSheet = Callable[..., Page]


@pytest.fixture(scope="module")
def curated(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Curate a folder with faults once; return the folder above photos and work."""
    folder = tmp_path_factory.mktemp("curated")
    shutil.copytree(drawn, folder / "photos")
    plant(folder / "photos")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["curate", "photos", "--work", "work"]) == 0
    yield folder


@pytest.fixture
def open_sheet(browser: Browser, curated: Path) -> Iterator[OpenSheet]:
    """Open the sheet from its file; it asks for nothing else and has no error."""
    visitors, complaints = [], []

    def open_sheet(path: Path = curated / "work/sheet.html", **options: object) -> Page:
        visitor = browser.new_context(**options)  # type: ignore[arg-type]
        visitor.set_default_timeout(10_000)
        visitors.append(visitor)
        page = visitor.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_sheet
    for visitor in visitors:
        visitor.close()
    own = re.compile(r"(file:.*/sheet\.html|data:image/webp;.*|blob:.*)")
    assert [one for one in complaints if not own.fullmatch(one)] == []


@pytest.fixture
def page(open_sheet: OpenSheet) -> Page:
    return open_sheet()


def names(page: Page) -> list[str]:
    return page.locator(".card:not([hidden]) .name").all_inner_texts()


def save(page: Page, to: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save decisions.json").click()
    assert download.value.suggested_filename == "decisions.json"
    download.value.save_as(to)
    return to


def test_it_is_one_file_that_names_no_other(curated: Path) -> None:
    html = (curated / "work/sheet.html").read_text("utf-8")
    page, data = re.sub(r'(?s)(id="data">).*?</script>', "", html), html
    assert not re.search(r"""(src|href)\s*=\s*["']|url\(|@import|https?:""", page)
    images = re.findall(r'"image": "([^"]{30})', data)
    assert images
    assert all(image.startswith("data:image/webp;base64,") for image in images)


def test_it_begins_with_the_most_suspicious_and_copies_lie_side_by_side(page: Page) -> None:
    group = page.locator(".group", has_text="BBQ/copy.jpg")
    expect(group.locator(".card")).to_have_count(3)
    expect(group).to_contain_text("under several brands")
    assert {"BBQ/00.jpg", "BBQ/copy.jpg", "nene/elsewhere.jpg"} <= set(
        group.locator(".name").all_inner_texts()
    )
    for image in page.locator(".card img").all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 0


def test_the_keyboard_decides_and_undoes(page: Page, curated: Path, tmp_path: Path) -> None:
    first, second, third, *_ = names(page)
    for key in ("j", "x", "k", "2"):
        page.keyboard.press(key)
    cards = page.locator(".card")
    expect(cards.nth(0)).to_have_attribute("data-state", "drop")
    expect(cards.nth(1)).to_have_attribute("data-state", "keep")
    expect(cards.nth(2)).to_contain_text("moved to")
    expect(page.locator("#count")).to_contain_text("1 kept · 1 dropped · 1 moved")
    page.keyboard.press("u")
    expect(cards.nth(2)).to_have_attribute("data-state", "")
    expect(cards.nth(2)).to_be_focused()
    for key in ("ArrowLeft", "ArrowRight", "3", "ArrowLeft", "ArrowUp", "ArrowDown", "i", "7"):
        page.keyboard.press(key)
    decided = read_decisions(save(page, tmp_path / "decisions.json")).decisions
    assert {one.photo: (one.decision, one.brand) for one in decided} == {
        first: ("drop", None),
        second: ("keep", None),
        third: ("move", "nene"),
    }
    assert {one.sha256 for one in decided} == {
        file_sha256(curated / "photos" / name) for name in (first, second, third)
    }


def test_the_mouse_decides_as_well(page: Page) -> None:
    card = page.locator(".card", has_text="kyochon/card.png")
    card.get_by_role("button", name="Drop").click()
    expect(card).to_contain_text("dropped")
    card.get_by_label("Move to brand").select_option("BBQ")
    expect(card).to_contain_text("moved to")
    expect(card).to_have_attribute("aria-label", re.compile(r"kyochon/card\.png: .*; moved to"))


def test_decisions_outlive_the_page(page: Page) -> None:
    for key in ("j", "x", "x"):
        page.keyboard.press(key)
    expect(page.locator("#count")).to_contain_text("2 dropped")
    page.reload()
    expect(page.locator("#count")).to_contain_text("2 dropped")
    expect(page.locator(".card").first).to_have_attribute("data-state", "drop")


def test_a_filter_shows_what_one_finder_found_and_what_is_open(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^too small")).click()
    assert names(page) == ["nene/tiny.png"]
    page.get_by_role("button", name="only open ones").click()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_role("button", name="only open ones").click()
    page.get_by_role("button", name="only open ones").click()
    expect(page.get_by_text("Nothing to show here.")).to_be_visible()
    page.get_by_role("button", name=re.compile("^all")).click()
    assert "nene/tiny.png" not in names(page)


def test_the_rest_is_accepted_and_taken_back_in_one(page: Page, tmp_path: Path) -> None:
    total = len(names(page))
    page.get_by_role("button", name="Accept suggestions").click()
    expect(page.locator("#count")).to_contain_text("0 open")
    assert len(read_decisions(save(page, tmp_path / "saved.json")).decisions) == total
    page.keyboard.press("u")
    expect(page.locator("#count")).to_contain_text(f"{total} open")


def test_what_is_saved_is_what_apply_takes_and_the_next_sheet_knows(
    page: Page,
    open_sheet: OpenSheet,
    curated: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page.get_by_role("button", name="Accept suggestions").click()
    saved = save(page, tmp_path / "decisions.json")
    photos = Path(shutil.copytree(curated / "photos", tmp_path / "photos"))
    monkeypatch.chdir(curated)
    assert main(["curate", str(photos), "--apply", str(saved)]) == 0
    assert main(["curate", str(photos), "--work", str(tmp_path / "again")]) == 0
    again = open_sheet(tmp_path / "again/sheet.html")
    expect(again.locator("#count")).to_contain_text("0 open")
    assert read_decisions(save(again, tmp_path / "again.json")) == read_decisions(saved)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_light_and_dark(open_sheet: OpenSheet, scheme: str) -> None:
    page = open_sheet(color_scheme=scheme)
    ink, ground = (
        page.evaluate(f"getComputedStyle(document.body).{name}")
        for name in ("color", "backgroundColor")
    )
    light, dark = sorted((brightness(ink), brightness(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) > 7
    assert (brightness(ground) > 0.5) == (scheme == "light")


def brightness(color: str) -> float:
    """Return the relative luminance of `rgb(r, g, b)`, as WCAG 2.2 defines it."""
    levels = [int(level) / 255 for level in re.findall(r"\d+", color)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in levels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_nothing_is_cut_off_on_a_phone(open_sheet: OpenSheet) -> None:
    page = open_sheet(viewport={"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_thousand_photos_do_not_lag(open_sheet: OpenSheet, curated: Path, tmp_path: Path) -> None:
    html = (curated / "work/sheet.html").read_text("utf-8")
    start, end = html.index('id="data">') + len('id="data">'), html.index("</script>")
    data = json.loads(html[start:end])
    cards = [
        card | {"sha256": f"{number:064x}", "group": f"{number:064x}", "name": f"BBQ/{number}.jpg"}
        for number in range(1000)
        for card in [data["cards"][number % len(data["cards"])]]
    ]
    text = json.dumps(data | {"cards": cards}).replace("<", "\\u003c")
    (tmp_path / "sheet.html").write_text(html[:start] + text + html[end:], "utf-8")
    page = open_sheet(tmp_path / "sheet.html")
    expect(page.locator(".card")).to_have_count(1000)
    page.keyboard.press("j")
    milliseconds = page.evaluate(
        """async () => {
          const start = performance.now();
          const press = { key: "x", bubbles: true };
          for (let n = 0; n < 50; n++) {
            document.activeElement.dispatchEvent(new KeyboardEvent("keydown", press));
            await new Promise(requestAnimationFrame);
          }
          return (performance.now() - start) / 50;
        }"""
    )
    expect(page.locator("#count")).to_contain_text("50 dropped")
    assert milliseconds < 250  # here about 20, on a busy machine more
