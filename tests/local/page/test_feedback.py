"""What a person says of an answer is sent as the API expects it, the photo only if allowed."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from model_code.release import read_release
from tests.local.page.conftest import KEY_REFUSED, NOT_SURE, SURE, choose, file, jpeg, said, stub

STORED = {"feedback": "0123456789abcdef", "kept_photo": False}
KEEP = "You may keep this photo"


@pytest.fixture
def answered(page: Page) -> Page:
    stub(page, "v1/predict", NOT_SURE)
    choose(page, jpeg())
    expect(page.get_by_role("group", name="Is it 교촌 kyochon?")).to_be_visible()
    return page


def send(page: Page) -> None:
    page.get_by_role("button", name="Send").click()


def thanks(page: Page) -> None:
    expect(page.get_by_text("Thank you.")).to_be_focused()
    expect(page.get_by_role("group")).to_have_count(0)


def test_the_service_keeps_it(page: Page, release_folder: Path) -> None:
    golden = read_release(release_folder).golden[0]
    choose(page, file("dish.png", (release_folder / golden.photo).read_bytes(), "image/png"))
    page.get_by_role("radio", name="None of these").check()
    page.get_by_label(KEEP).check()
    send(page)
    thanks(page)
    expect(page.get_by_text("The photo is kept to learn from.")).to_be_visible()


@pytest.mark.parametrize(
    ("choice", "brand"), [("Yes", "kyochon"), ("None of these", None), ("Another brand", "nene")]
)
def test_each_word_is_sent(answered: Page, choice: str, brand: str | None) -> None:
    asked = stub(answered, "v1/feedback", STORED)
    answered.get_by_label(choice).check()
    if choice == "Another brand":
        answered.get_by_label("Which brand is it?").select_option("네네 nene")
    send(answered)
    thanks(answered)
    assert asked[0].headers["content-type"] == "application/json"
    assert said(asked[0]) == {"request_id": SURE["request_id"], "brand": brand}


def test_the_photo_goes_along_only_where_it_may_be_kept(answered: Page) -> None:
    asked = stub(answered, "v1/feedback", {**STORED, "kept_photo": True})
    answered.get_by_role("radio", name="Yes").check()
    expect(answered.get_by_label(KEEP)).not_to_be_checked()
    answered.get_by_label(KEEP).check()
    send(answered)
    thanks(answered)
    expect(answered.get_by_text("The photo is kept to learn from.")).to_be_visible()
    feedback = said(asked[0])
    assert feedback.pop("keep_photo") is True
    photo = Image.open(io.BytesIO(base64.b64decode(feedback.pop("photo"), validate=True)))
    assert (photo.format, photo.size) == ("JPEG", (64, 48))
    assert feedback == {"request_id": SURE["request_id"], "brand": "kyochon"}


def test_another_brand_has_to_be_named(answered: Page) -> None:
    asked = stub(answered, "v1/feedback", STORED)
    answered.get_by_role("radio", name="Another brand").check()
    which = answered.get_by_label("Which brand is it?")
    assert which.locator("option").all_inner_texts() == ["Choose one", "네네 nene", "BBQ"]
    send(answered)
    expect(which).to_be_focused()
    assert asked == []
    answered.get_by_role("radio", name="None of these").check()  # then none has to be
    send(answered)
    thanks(answered)


def test_nothing_is_asked_before_a_word_is_said(answered: Page) -> None:
    expect(answered.get_by_role("button", name="Send")).to_be_hidden()
    expect(answered.get_by_label(KEEP)).to_be_hidden()


def test_what_could_not_be_sent_can_be_sent_again(answered: Page) -> None:
    problem = {"title": "The model is busy", "detail": "Try again in a moment."}
    stub(answered, "v1/feedback", problem, 503, retry_after="1")
    answered.get_by_role("radio", name="None of these").check()
    answered.get_by_label(KEEP).check()
    send(answered)
    expect(answered.get_by_role("alert")).to_contain_text("The model is busy. Try again")
    expect(answered.get_by_role("button", name="Send")).to_be_focused()
    expect(answered.get_by_label(KEEP)).to_be_checked()
    asked = stub(answered, "v1/feedback", STORED)
    send(answered)
    thanks(answered)
    assert said(asked[0])["brand"] is None


def test_feedback_asks_for_the_key_too(answered: Page) -> None:
    stub(answered, "v1/feedback", KEY_REFUSED, 403)
    answered.get_by_role("radio", name="Yes").check()
    send(answered)
    asked = stub(answered, "v1/feedback", STORED)
    answered.get_by_label("API key", exact=True).fill("a-key")
    answered.keyboard.press("Enter")
    thanks(answered)
    assert asked[0].headers["x-api-key"] == "a-key"


def test_each_of_several_has_its_own(page: Page) -> None:
    stub(page, "v1/predict", SURE)
    choose(page, jpeg(name="a.jpg"), jpeg(name="b.jpg"))
    cards = page.get_by_role("list", name="Answers").locator("> li")
    expect(cards.get_by_label("Yes")).to_have_count(2)
    cards.nth(0).get_by_role("radio", name="Yes").check()
    cards.nth(1).get_by_role("radio", name="None of these").check()
    expect(cards.nth(0).get_by_label("Yes")).to_be_checked()
    stub(page, "v1/feedback", STORED)
    cards.nth(1).get_by_role("button", name="Send").click()
    expect(cards.nth(1)).to_contain_text("Thank you.")
    expect(cards.nth(0).get_by_role("button", name="Send")).to_be_visible()
