"""What goes wrong is told in words, and the photo waits for another try."""

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, expect

from tests.local.page.conftest import KEY_REFUSED, SURE, choose, file, jpeg, stub

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
THROTTLED = {"title": "Too many requests", "detail": "Try again in a moment."}


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=2)


def again(page: Page) -> Locator:
    return page.get_by_role("button", name="Try again")


@pytest.mark.parametrize(
    ("chosen", "title", "mend"),
    [
        (file("notes.txt", b"hello"), "not a photo", "Choose a JPEG, PNG or WebP"),
        (file("notes.jpg", b"hello", "image/jpeg"), "not a photo", "Choose a JPEG, PNG or WebP"),
        (file("cut.jpg", jpeg()["buffer"][:99], "image/jpeg"), "not a photo", "may be damaged"),
        (file("IMG_1.HEIC", HEIC, "image/heic"), "cannot open HEIC", "Most Compatible"),
        (file("IMG_1.jpg", HEIC, "image/jpeg"), "cannot open HEIC", "Send it as a JPEG"),
        (file("empty.jpg", b"", "image/jpeg"), "empty", "Choose another"),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else "",
)
def test_what_the_browser_cannot_open_is_not_sent(
    page: Page, chosen: FilePayload, title: str, mend: str
) -> None:
    asked = stub(page, "v1/predict", SURE)
    choose(page, chosen, jpeg(name="fine.jpg"))
    expect(heading(page).first).to_contain_text(title)
    expect(page.get_by_role("listitem").filter(has_text=chosen["name"])).to_contain_text(mend)
    expect(page.get_by_role("status")).to_contain_text(mend)
    expect(heading(page).last).to_have_text("교촌 kyochon")  # the others go on
    expect(again(page)).to_have_count(0)
    assert len(asked) == 1


def test_a_problem_of_the_api_is_shown_as_it_says(page: Page) -> None:
    choose(page, jpeg(10, 10))
    expect(heading(page)).to_have_text("The photo is too small")
    answers = page.get_by_role("list", name="Answers")
    expect(answers).to_contain_text("The photo is 10x10 pixels. Send one of at least 16x16.")
    expect(again(page)).to_have_count(0)


def test_a_fault_of_the_service_names_the_request(page: Page) -> None:
    problem = {"title": "The service made a mistake", "detail": "Tell us the request id."}
    stub(page, "v1/predict", {**problem, "request_id": "575fccfb"}, 500)
    choose(page, jpeg())
    expect(page.get_by_role("list", name="Answers")).to_contain_text("575fccfb")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [("1", "Wait 1 second before"), ("30", "Wait 30 seconds"), ("3600", "Wait 1 hour before")],
)
def test_who_asks_too_often_is_told_how_long_to_wait(page: Page, seconds: str, words: str) -> None:
    asked = stub(page, "v1/predict", THROTTLED, 429, retry_after=seconds)
    choose(page, jpeg(), jpeg())
    expect(page.get_by_text(words)).to_have_count(3)  # twice seen, once spoken
    assert len(asked) == 1  # the second would have been refused as well
    stub(page, "v1/predict", SURE)
    again(page).first.click()
    expect(page.get_by_text("✓ Sure")).to_have_count(2)


@pytest.mark.parametrize(
    ("status", "body", "title"),
    [
        (502, "<html>Bad Gateway</html>", "The service answered with an error (502)"),
        (403, "", "The service answered with an error (403)"),
        (500, "null", "The service answered with an error (500)"),
        (200, "<html>Welcome to the hotel</html>", "The answer cannot be read"),
        (200, '{"probabilities": []}', "The answer cannot be read"),
    ],
)
def test_an_answer_that_is_not_the_apis(page: Page, status: int, body: str, title: str) -> None:
    stub(page, "v1/predict", body, status)
    choose(page, jpeg())
    expect(heading(page)).to_have_text(title)


def test_offline_the_photos_wait(page: Page) -> None:
    page.context.set_offline(True)
    choose(page, jpeg(), jpeg())
    expect(heading(page)).to_have_text(["You are offline"] * 2)
    page.context.set_offline(False)
    again(page).first.click()
    expect(page.get_by_role("group")).to_have_count(2)  # both were asked for again


def test_a_service_that_is_not_there(page: Page) -> None:
    page.route("**/v1/predict", lambda route: route.abort("connectionrefused"))
    choose(page, jpeg())
    expect(heading(page)).to_have_text("The service cannot be reached")


def test_it_does_not_wait_for_ever(page: Page) -> None:
    page.clock.install()
    page.route("**/v1/predict", lambda route: None)
    with page.expect_request("**/v1/predict"):
        choose(page, jpeg())
    expect(heading(page)).to_have_text("Looking…")
    page.clock.run_for(36_000)
    expect(heading(page)).to_have_text("No answer came")
    expect(again(page)).to_be_visible()


def give_key(page: Page, key: str) -> None:
    page.get_by_label("API key", exact=True).fill(key)
    page.keyboard.press("Enter")


def kept(context: BrowserContext) -> str:
    """Return whatever the browser keeps beyond the tab."""
    return str(context.storage_state(indexed_db=True))


def test_a_key_is_asked_for_and_kept_in_the_tab_only(page: Page) -> None:
    stub(page, "v1/predict", KEY_REFUSED, 403)
    choose(page, jpeg())
    expect(page.get_by_role("dialog", name="An API key, please")).to_be_visible()
    expect(page.get_by_label("API key", exact=True)).to_be_focused()
    asked = stub(page, "v1/predict", SURE)
    give_key(page, " a-key-of-mine ")
    expect(heading(page).last).to_have_text("교촌 kyochon")
    assert asked[0].headers["x-api-key"] == "a-key-of-mine"
    page.reload()
    choose(page, jpeg())
    expect(page.get_by_text("✓ Sure")).to_be_visible()
    assert asked[1].headers["x-api-key"] == "a-key-of-mine"
    assert "a-key-of-mine" not in kept(page.context) + page.url
    other = page.context.new_page()
    other.goto(page.url)
    assert other.evaluate("sessionStorage.length + localStorage.length") == 0


def test_a_refused_key_is_asked_for_again(page: Page) -> None:
    stub(page, "v1/predict", KEY_REFUSED, 403)
    choose(page, jpeg())
    expect(page.get_by_text("That key was refused")).to_be_hidden()
    give_key(page, "wrong")
    expect(page.get_by_text("That key was refused")).to_be_visible()
    asked = stub(page, "v1/predict", SURE)
    give_key(page, "right")
    expect(page.get_by_text("✓ Sure")).to_be_visible()
    assert asked[0].headers["x-api-key"] == "right"


@pytest.mark.parametrize("key", ["", "  ", "두 키", "two keys"])
def test_what_cannot_be_a_key_is_not_sent(page: Page, key: str) -> None:
    asked = stub(page, "v1/predict", KEY_REFUSED, 403)
    choose(page, jpeg())
    give_key(page, key)
    expect(page.get_by_role("dialog")).to_be_visible()
    assert len(asked) == 1


def test_who_has_no_key_is_asked_once(page: Page) -> None:
    asked = stub(page, "v1/predict", KEY_REFUSED, 403)
    choose(page, jpeg(), jpeg(), jpeg())
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(heading(page)).to_have_text(["An API key is needed"] * 3)
    assert len(asked) == 1
