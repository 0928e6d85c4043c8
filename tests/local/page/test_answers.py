"""A photo goes in by each way that there is, and its brand is shown, sure or not."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from model_code.release import Release, read_release
from tests.local.conftest import Deployment
from tests.local.page.conftest import NOT_SURE, SURE, OpenPage, choose, file, jpeg, stub

HAND_OVER = """([how, bytes]) => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(bytes)], "handed over.jpg", {type: "image/jpeg"}));
    const event = how === "paste" ? new ClipboardEvent(how, {clipboardData: files})
        : new DragEvent(how, {dataTransfer: files, cancelable: true});
    document.body.dispatchEvent(new event.constructor(how, {
        bubbles: true, cancelable: true, clipboardData: files, dataTransfer: files}));
}"""


@pytest.fixture(scope="module")
def release(release_folder: Path) -> Release:
    return read_release(release_folder)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_photo_gets_its_brand(
    page: Page, release: Release, release_folder: Path, number: int
) -> None:
    golden = release.golden[number]
    choose(page, file("dish.png", (release_folder / golden.photo).read_bytes(), "image/png"))
    expect(page.get_by_role("heading", level=2)).to_contain_text(golden.brand)
    bars = page.get_by_role("list", name="Brands").get_by_role("listitem")
    expect(bars).to_have_count(len(release.brands))
    expect(bars.first).to_contain_text(golden.brand)
    expect(page.get_by_role("img", name="Your photo dish.png")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text(golden.brand)


def test_the_footer_names_the_release_and_leads_on(
    page: Page, release: Release, deployment: Deployment
) -> None:
    footer = page.get_by_role("contentinfo")
    expect(footer).to_contain_text(f"Release {release.id}")
    links = footer.get_by_role("link")
    addresses = [link.evaluate("link => link.href") for link in links.all()]
    assert addresses == [f"{deployment.url}/v1/openapi.json", f"{deployment.url}/v1/health"]


def test_it_works_without_its_last_slash(
    open_page: OpenPage, release: Release, deployment: Deployment
) -> None:
    page = open_page(deployment.url)
    expect(page.get_by_role("contentinfo")).to_contain_text(f"Release {release.id}")
    choose(page, jpeg())
    expect(page.get_by_role("group")).to_be_visible()


def test_it_is_small_and_one_file(page: Page) -> None:
    answer = page.request.get(page.url)
    assert len(answer.body()) < 50_000
    loaded = page.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
    assert [address for address in loaded if not address.endswith("/v1/health")] == []


def test_several_are_answered_in_order(page: Page) -> None:
    choose(page, *(jpeg(name=f"{number}.jpg") for number in range(3)))
    cards = page.get_by_role("list", name="Answers").locator("> li")
    expect(cards.get_by_role("group")).to_have_count(3)  # each asks whether it is right
    for number in range(3):
        expect(cards.nth(number)).to_contain_text(f"{number}.jpg")


def test_of_too_many_the_first_twenty_are_taken(page: Page) -> None:
    asked = stub(page, "v1/predict", SURE)
    choose(page, *(jpeg(16, 16, name=f"{number}.jpg") for number in range(23)))
    expect(page.get_by_role("status")).to_contain_text("3 were left out")
    expect(page.get_by_text("✓ Sure")).to_have_count(20)
    assert len(asked) == 20


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_a_photo_can_be_handed_over(page: Page, how: str) -> None:
    stub(page, "v1/predict", SURE)
    page.evaluate(HAND_OVER, [how, list(jpeg()["buffer"])])
    expect(page.get_by_role("img", name="Your photo handed over.jpg")).to_be_visible()
    expect(page.get_by_role("heading", level=2)).to_have_text("교촌 kyochon")


def test_pasted_text_is_nothing_to_look_at(page: Page) -> None:
    page.evaluate(
        """() => document.body.dispatchEvent(new ClipboardEvent("paste", {
            bubbles: true, clipboardData: new DataTransfer()}))"""
    )
    expect(page.get_by_role("heading", level=2)).to_have_count(0)


def test_a_phone_can_take_a_photo(open_page: OpenPage) -> None:
    page = open_page(has_touch=True, is_mobile=True, viewport={"width": 375, "height": 700})
    stub(page, "v1/predict", SURE)
    taking = page.get_by_label("Take a photo")
    expect(page.get_by_text("Take a photo")).to_be_visible()
    expect(taking).to_have_attribute("capture", "environment")
    taking.set_input_files(jpeg())
    expect(page.get_by_role("heading", level=2)).to_have_text("교촌 kyochon")


def sent(page: Page, photo: dict[str, object]) -> Image.Image:
    """Return what the page makes of a photo before it sends it."""
    asked = stub(page, "v1/predict", SURE)
    choose(page, photo)  # type: ignore[arg-type]
    expect(page.get_by_text("✓ Sure")).to_be_visible()
    assert asked[0].headers["content-type"] == "image/jpeg"
    return Image.open(io.BytesIO(asked[0].post_data_buffer or b""))


def test_a_large_photo_is_made_small(page: Page) -> None:
    image = sent(page, dict(jpeg(3000, 1500)))
    assert (image.format, image.size) == ("JPEG", (1024, 512))


def test_a_small_photo_stays_as_large_as_it_is(page: Page) -> None:
    assert sent(page, dict(jpeg(300, 200))).size == (300, 200)


def test_a_photo_is_sent_upright_and_without_what_the_camera_noted(page: Page) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it right: what is left in the file is up
    exif[0x010F] = "Camera"
    image = sent(page, dict(jpeg(200, 100, exif=exif)))
    assert image.size == (100, 200)
    assert not image.getexif()
    top, bottom = image.getpixel((50, 20)), image.getpixel((50, 180))
    assert isinstance(top, tuple) and top[0] > 200 > 50 > top[2]
    assert isinstance(bottom, tuple) and bottom[2] > 200 > 50 > bottom[0]


def test_what_is_transparent_becomes_white(page: Page) -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (50, 50)).save(buffer, "PNG")
    image = sent(page, dict(file("clear.png", buffer.getvalue(), "image/png")))
    assert image.getpixel((25, 25)) == (255, 255, 255)


def test_who_is_sure_says_so(page: Page) -> None:
    stub(page, "v1/predict", SURE)
    choose(page, jpeg())
    answers = page.get_by_role("list", name="Answers")
    expect(answers).to_contain_text("✓ Sure")
    expect(answers).to_contain_text("96%")
    expect(answers).to_contain_text("under 1%")
    expect(page.get_by_role("status")).to_have_text("Sure: 교촌 kyochon, 96%.")


def test_who_is_not_sure_says_so(page: Page) -> None:
    stub(page, "v1/predict", NOT_SURE)
    choose(page, jpeg())
    answers = page.get_by_role("list", name="Answers")
    expect(answers).to_contain_text("Not sure")
    expect(page.get_by_role("heading", level=2)).to_have_text("Perhaps 교촌 kyochon")
    expect(answers).to_contain_text("none of these")
    expect(page.get_by_role("status")).to_have_text("Not sure, perhaps 교촌 kyochon, 96%.")


def test_of_many_brands_the_likeliest_have_bars_and_the_rest_is_folded(page: Page) -> None:
    rows = [{"brand": f"b{n}", "name": f"b{n}", "probability": 0.1 - n / 1000} for n in range(12)]
    stub(page, "v1/predict", {**SURE, "probabilities": rows})
    choose(page, jpeg())
    expect(page.get_by_text("7 more brands")).to_be_visible()
    last = page.get_by_role("list", name="Answers").locator("details").get_by_text("b11")
    expect(last).to_be_hidden()
    page.get_by_text("7 more brands").click()
    expect(last).to_be_visible()


def test_names_are_text_whatever_they_are(page: Page) -> None:
    name = "<img src=x onerror=alert(1)>"
    row = {"brand": "b", "name": name, "probability": 0.9}
    stub(page, "v1/predict", {**SURE, "name": name, "probabilities": [row]})
    choose(page, jpeg(name="<b>dish</b>.jpg"))
    expect(page.get_by_role("heading", level=2)).to_contain_text(name)
    expect(page.get_by_text("<b>dish</b>.jpg", exact=True)).to_be_visible()
