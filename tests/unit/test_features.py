"""Photo -> features: the notebook's numbers, and what it would have died of."""

import io
import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from PIL import Image

from model_code.features import EXTRACTORS, PhotoError, csv_row, open_photo, select

SIZES = [(40, 40), (640, 640), (1080, 1350), (41, 97), (17, 3000)]


def picture(size: tuple[int, int], mode: str = "RGB", seed: int = 0) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)).convert(
        mode
    )


def encode(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def raw(photo: bytes) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.frombuffer(EXTRACTORS["pixels"].extract(open_photo(photo)), dtype=np.float32)


def notebook(photo: bytes) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Compute as the 2019 notebook did, under a Pillow whose default filter was NEAREST."""
    small = Image.open(io.BytesIO(photo)).convert("RGB").resize((40, 40), Image.Resampling.NEAREST)
    return (np.asarray(small).astype(np.float32) / np.float32(255)).reshape(-1)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pixels_are_the_notebooks_to_the_bit(size: tuple[int, int], kind: str) -> None:
    photo = encode(picture(size), kind)
    assert raw(photo).tobytes() == notebook(photo).tobytes()


def test_pixels_are_4800_values_from_0_to_1_row_by_row() -> None:
    image = Image.new("RGB", (40, 40))
    image.putpixel((1, 0), (255, 51, 0))
    vector = raw(encode(image))
    assert vector.shape == (4800,)
    assert vector[3:6].tolist() == [1.0, pytest.approx(0.2), 0.0]
    assert vector.sum() == pytest.approx(1.2)


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA"])
def test_other_modes_look_as_they_look_to_people(mode: str) -> None:
    image = picture((60, 50)).convert(mode)
    assert np.allclose(raw(encode(image)), raw(encode(image.convert("RGB"))), atol=1 / 255)


def test_cmyk_works() -> None:
    red = Image.new("CMYK", (50, 50), (0, 255, 255, 0))
    vector = raw(encode(red, "JPEG")).reshape(-1, 3)
    assert vector[:, 0].min() > 0.9
    assert vector[:, 1:].max() < 0.1


def test_16_bit_grey_is_scaled_not_clipped() -> None:
    levels = np.full((50, 50), 128 * 256, dtype=np.uint16)
    assert raw(encode(Image.fromarray(levels))) == pytest.approx(128 / 255)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_seen_over_white(mode: str) -> None:
    assert raw(encode(Image.new(mode, (50, 50)))).min() == 1.0


def test_palette_transparency_is_seen_over_white() -> None:
    image = Image.new("P", (50, 50))
    assert raw(encode(image, transparency=0)).min() == 1.0


def test_a_turned_phone_photo_is_seen_upright() -> None:
    image = picture((80, 60))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to see it upright
    turned = image.rotate(90, expand=True)
    assert raw(encode(turned, exif=exif)).tobytes() == raw(encode(image)).tobytes()


def test_the_first_frame_of_an_animation_counts() -> None:
    first, second = picture((50, 50), seed=1), picture((50, 50), seed=2)
    for kind in ("WEBP", "PNG"):
        frames = {"save_all": True, "append_images": [second], "lossless": True}
        animation = encode(first, kind, **frames)
        assert raw(animation).tobytes() == raw(encode(first)).tobytes()


def png_header(width: int, height: int) -> bytes:
    """Claim a size, and have no pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [header, b"IDAT" + zlib.compress(b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in chunks
    )


@pytest.mark.parametrize(
    ("photo", "fault"),
    [
        (b"", "empty"),
        (b"hello", "not-a-photo"),
        (b"\xff\xd8\xff", "damaged"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not-a-photo"),
        (encode(picture((50, 50)), "GIF"), "not-a-photo"),
        (encode(picture((50, 50)), "BMP"), "not-a-photo"),
        (encode(picture((50, 50)), "TIFF"), "not-a-photo"),
        (png_header(100_000, 100_000), "too-many-pixels"),
        (png_header(8_000, 8_000), "too-many-pixels"),
        (png_header(15, 4_000), "too-small"),
        (png_header(100, 100), "damaged"),
        (encode(picture((400, 400)), "JPEG")[:20_000], "damaged"),
        (encode(picture((400, 400)), "PNG")[:20_000], "damaged"),
        (encode(picture((400, 400)), "WEBP")[:20_000], "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_usable_photo_is_a_clear_error(photo: bytes, fault: str) -> None:
    with pytest.raises(PhotoError) as caught:
        open_photo(photo)
    assert caught.value.fault == fault
    assert "Send" in str(caught.value)


def test_any_flipped_byte_gives_a_picture_or_a_photo_error() -> None:
    rng = np.random.default_rng(7)
    for kind in ("JPEG", "PNG", "WEBP"):
        photo = encode(picture((50, 50)), kind)
        for _ in range(200):
            broken = bytearray(photo)
            for place in rng.integers(0, len(broken), 3):
                broken[place] = rng.integers(256)
            with suppress(PhotoError):
                assert len(raw(bytes(broken))) == 4800


def test_a_row_reads_back_as_the_same_float32() -> None:
    rng = np.random.default_rng(3)
    values = np.concatenate([np.arange(256) / 255, rng.normal(0, 1e3, 500), [0, 1e-30, -2.5e8]])
    values = values.astype(np.float32)
    row = csv_row(values.tolist())
    assert (
        np.array([float(cell) for cell in row.split(",")], np.float32).tobytes() == values.tobytes()
    )
    assert '"' not in row and "\n" not in row


def test_select_keeps_the_selections_order() -> None:
    assert select([0.0, 0.25, 0.5, 0.75], [1, 3]).tolist() == [0.25, 0.75]


def test_the_lambda_loads_nothing_heavy_for_it() -> None:
    code = (
        "import sys, model_code.features;"
        "print([m for m in ('numpy', 'boto3', 'pydantic', 'xgboost') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
