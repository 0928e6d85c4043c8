"""What is sent, and what it is answered with: the table of docs/api.md, row by row."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

from problems import PROBLEMS
from tests.unit import odd_photos as odd
from tests.unit.conftest import FakeRuntime, Invoke

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
A_BRAND = "a brand"
JPEG, JSON = "image/jpeg", "application/json"


class Row(NamedTuple):
    """One row: what is sent, how it is made, and the answer: a brand or a kind of problem."""

    what: str
    make: Callable[[], bytes]
    answer: str
    content_type: str = JPEG

    @property
    def status(self) -> int:
        return 200 if self.answer == A_BRAND else int(PROBLEMS[self.answer][0])

    def line(self) -> str:
        title = "" if self.answer == A_BRAND else f": {PROBLEMS[self.answer][1]}"
        return f"| {self.what} | {self.status} | {self.answer}{title} |"


def photo_as_json(**changed: Any) -> bytes:
    photo = base64.b64encode(odd.encoded("JPEG")).decode()
    return json.dumps({"photo": photo, **changed}, ensure_ascii=False).encode()


ROWS = [
    # What cameras, phones and programs make.
    Row("JPEG, baseline", lambda: odd.encoded("JPEG"), A_BRAND),
    Row("JPEG, progressive", lambda: odd.encoded("JPEG", progressive=True), A_BRAND),
    Row("JPEG, CMYK", lambda: odd.encoded("JPEG", odd.dish("CMYK")), A_BRAND),
    Row("JPEG, grey", lambda: odd.encoded("JPEG", odd.dish("L")), A_BRAND),
    Row("JPEG with 64 KB of EXIF, on its side", odd.large_exif, A_BRAND),
    Row("JPEG with another JPEG behind it (MPO), the first one counts",
        lambda: odd.animation("MPO"), A_BRAND),
    Row("PNG, 16 bits", odd.grey_16, A_BRAND),
    Row("PNG, palette", lambda: odd.encoded("PNG", odd.dish("P")), A_BRAND),
    Row("PNG, transparent, seen over white", lambda: odd.encoded("PNG", odd.dish("RGBA")), A_BRAND),
    Row("PNG, interlaced", odd.interlaced_png, A_BRAND),
    Row("PNG, animated (APNG), the first frame counts", lambda: odd.animation("PNG"), A_BRAND),
    Row("WebP, lossy", lambda: odd.encoded("WEBP"), A_BRAND),
    Row("WebP, lossless", lambda: odd.encoded("WEBP", lossless=True), A_BRAND),
    Row("WebP, animated, the first frame counts", lambda: odd.animation("WEBP"), A_BRAND),
    Row("JPEG sent as image/png", lambda: odd.encoded("JPEG"), A_BRAND, "image/png"),
    Row("JPEG sent as application/octet-stream", lambda: odd.encoded("JPEG"), A_BRAND,
        "application/octet-stream"),
    Row("JPEG with a zip file behind it", odd.with_zip, A_BRAND),
    # Other formats: the problem says how to get a JPEG of it.
    Row("HEIC", lambda: odd.box(b"heic"), "not-a-photo"),
    Row("AVIF", lambda: odd.box(b"avif"), "not-a-photo"),
    Row("GIF", lambda: odd.encoded("GIF"), "not-a-photo"),
    Row("TIFF", lambda: odd.encoded("TIFF"), "not-a-photo"),
    Row("BMP", lambda: odd.encoded("BMP"), "not-a-photo"),
    Row("SVG", lambda: b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
        "not-a-photo"),
    Row("PDF", lambda: b"%PDF-1.7\n" + bytes(100), "not-a-photo"),
    # No photo at all, or not the whole of one.
    Row("text", lambda: b"a text file that is named .jpg", "not-a-photo"),
    Row("random bytes", lambda: np.random.default_rng(1).bytes(1000), "not-a-photo"),
    Row("a script that is a GIF too", odd.gif_that_is_a_script, "not-a-photo"),
    Row("nothing", lambda: b"", "empty"),
    Row("half a JPEG", lambda: odd.half(odd.encoded("JPEG")), "damaged"),
    Row("half a PNG", lambda: odd.half(odd.encoded("PNG")), "damaged"),
    Row("half a WebP", lambda: odd.half(odd.encoded("WEBP")), "damaged"),
    Row("a side of 15 pixels", lambda: odd.encoded("PNG", odd.dish(size=(15, 600))), "too-small"),
    # Small files that would become large ones.
    Row("JPEG of 60,000 x 60,000 pixels", lambda: odd.jpeg_header(60_000, 60_000),
        "too-many-pixels"),
    Row("PNG of 100,000 x 100,000 pixels",
        lambda: odd.png(odd.pixels(), width=100_000, height=100_000), "too-many-pixels"),
    Row("JPEG with more than 64 scans", odd.many_scans, "damaged"),
    Row("PNG with a text of 100 MB, compressed", lambda: odd.bomb(b"Comment", b"zTXt"), "damaged"),
    Row("PNG with a colour profile of 100 MB, compressed", lambda: odd.bomb(b"sRGB", b"iCCP"),
        "damaged"),
    Row("PNG of 64 x 64 pixels with 100 MB of them, the rest is left", odd.bomb_of_pixels, A_BRAND),
    Row("more than 4,500,000 bytes", lambda: odd.encoded("JPEG") + bytes(4_500_000), "too-large"),
    # Requests.
    Row("no Content-Type", lambda: odd.encoded("JPEG"), "unsupported-media-type", ""),
    Row("Content-Type image/gif", lambda: odd.encoded("JPEG"), "unsupported-media-type",
        "image/gif"),
    Row("Content-Type text/plain", lambda: photo_as_json(), "unsupported-media-type", "text/plain"),
    Row("JSON with a photo", lambda: photo_as_json(), A_BRAND, "Application/JSON; charset=utf-8"),
    Row("base64 in lines", lambda: photo_as_json(
        photo=base64.encodebytes(odd.encoded("JPEG")).decode()), A_BRAND, JSON),
    Row("base64 with other characters in it", lambda: photo_as_json(photo="aGk=!"),
        "invalid-base64", JSON),
    Row("base64 for URLs (- and _)", lambda: photo_as_json(photo="-_-_"), "invalid-base64", JSON),
    Row("base64 behind data:image/jpeg;base64,", lambda: photo_as_json(photo="data:;base64,aGk="),
        "invalid-base64", JSON),
    Row("JSON that is no object", lambda: b'["aGk="]', "invalid-json", JSON),
    Row("JSON nested 100,000 deep", lambda: b'{"photo":' * 100_000, "invalid-json", JSON),
    Row("JSON with a member twice", lambda: b'{"photo": "aGk=", "photo": "aGk="}', "invalid-json",
        JSON),
    Row("JSON with another member", lambda: photo_as_json(comment="nice"), "invalid-json", JSON),
    Row("JSON with members in Korean", lambda: '{"사진": "aGk="}'.encode(), "invalid-json", JSON),
    Row("JSON with NaN", lambda: b'{"photo": NaN}', "invalid-json", JSON),
    Row("JSON in another encoding than UTF-8", lambda: b'{"photo": "\xff\xfe"}', "invalid-json",
        JSON),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_it_is_answered_as_the_table_says(post: Invoke, runtime: FakeRuntime, row: Row) -> None:
    response = post(row.make(), row.content_type)
    assert response["statusCode"] == row.status, response["body"]
    document = response["document"]
    if row.answer == A_BRAND:
        assert document["brand"] and len(runtime.rows) == 1
    else:
        assert document["type"].endswith(f":{row.answer}")
        assert document["detail"].count(".") >= 1 and not runtime.rows


@pytest.mark.parametrize("format_", ["HEIC", "AVIF", "GIF", "TIFF", "BMP", "SVG", "PDF"])
def test_another_format_is_named_with_the_way_out(post: Invoke, format_: str) -> None:
    (row,) = (row for row in ROWS if row.what == format_)
    detail = post(row.make())["document"]["detail"]
    assert format_ in detail and "JPEG" in detail


def test_a_photo_on_its_side_is_seen_upright(post: Invoke, runtime: FakeRuntime) -> None:
    """Its metadata counts for that, and is not as much as mentioned in the log."""
    post(odd.encoded("PNG"))
    exif = Image.Exif()
    exif[0x0112] = 8
    post(odd.encoded("PNG", odd.dish().rotate(-90, expand=True), exif=exif))
    assert runtime.rows[0] == runtime.rows[1]


def test_huge_headers_change_nothing(post: Invoke) -> None:
    headers = {f"X_Header_{number}": "x" * 10_000 for number in range(50)}
    response = post(odd.encoded("JPEG"), **headers)
    assert response["statusCode"] == 200 and "xxx" not in response["body"]


def test_the_docs_have_the_table() -> None:
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    start = lines.index("| sent | status | answer |") + 2
    table = [line for line in lines[start:] if line.startswith("|")]
    assert table == [row.line() for row in ROWS]
