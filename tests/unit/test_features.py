"""Photo -> features: the notebook's numbers, and what it would have died of."""

import io
import re
import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from model_code.features import PhotoError, csv_row, load_extractor, open_photo, select

ORIENTATION = ExifTags.Base.Orientation
LOSSLESS: dict[str, dict[str, Any]] = {"WEBP": {"lossless": True, "method": 0}}
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
    return np.frombuffer(load_extractor("pixels", Path())(photo), dtype=np.float32)


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


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_phone_photo_is_seen_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    turned = encode(picture((80, 60)), exif=exif)
    reference = encode(ImageOps.exif_transpose(Image.open(io.BytesIO(turned))))
    assert raw(turned).tobytes() == raw(reference).tobytes()


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "broken", [b"Exif\0\0no TIFF", b"Exif\0\0II*\0\x08\0\0\0\xff\xff", b"Exif\0\0"]
)
def test_a_broken_exif_block_is_not_the_photos_fault(kind: str, broken: bytes) -> None:
    photo = encode(picture((50, 50)), kind, exif=broken)
    assert len(raw(photo)) == 4800


def test_the_orientation_counts_though_other_tags_are_nonsense() -> None:
    nonsense = struct.pack("<HHI4s", ExifTags.Base.XResolution, 2, 4, b"far")  # text, no number
    turn = struct.pack("<HHIHH", ORIENTATION, 3, 1, 6, 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + turn + nonsense + bytes(4)
    upright = encode(picture((80, 60)).transpose(Image.Transpose.ROTATE_270))
    assert raw(encode(picture((80, 60)), exif=exif)).tobytes() == raw(upright).tobytes()


def scans(count: int, image: Image.Image | None = None, comment: bytes = b"") -> bytes:
    """Return a progressive JPEG whose last scan comes `count` times more."""
    photo = encode(image or picture((50, 50)), "JPEG", progressive=True, comment=comment)
    last = photo[photo.rindex(b"\xff\xda") : -2]
    return photo[:-2] + last * count + photo[-2:]


def test_a_progressive_jpeg_is_a_photo() -> None:
    assert len(raw(scans(0))) == 4800


def test_what_is_not_of_the_first_image_is_no_scan_of_it() -> None:
    elsewhere = b"\xff\xda" * 100  # as in a thumbnail, or in the film behind a phone's photo
    assert len(raw(scans(0, comment=elsewhere) + elsewhere)) == 4800


def test_a_photo_has_fewer_scans_the_larger_it_is() -> None:
    large = Image.new("L", (3600, 3600))
    assert open_photo(scans(40, large)).size == large.size
    for comment in (b"", b"\xff\xd9"):  # which ends no image within a comment
        with pytest.raises(PhotoError, match=r"more than 48 scans.*Save"):
            open_photo(scans(50, large, comment))
    assert open_photo(scans(50, Image.new("L", (700, 700))))


# The kernel's own peak: the one of `getrusage` begins with that of the process which forked it.
PEAK = """
import re, sys
from model_code.features import open_photo
open_photo(open(sys.argv[1], "rb").read())
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
@pytest.mark.parametrize(
    ("kind", "mode", "size"),
    [
        ("JPEG", "RGB", (7_200, 7_200)),
        ("PNG", "RGBA", (5_090, 5_090)),
        ("PNG", "LA", (5_090, 5_090)),
        ("WEBP", "RGBA", (5_090, 5_090)),
    ],
)
def test_the_largest_photos_fit_into_the_lambda(
    kind: str, mode: str, size: tuple[int, int], tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    photo = tmp_path / "photo"
    Image.new(mode, size).save(photo, kind, exif=exif, **LOSSLESS.get(kind, {}))
    run = subprocess.run(
        [sys.executable, "-c", PEAK, str(photo)], capture_output=True, text=True, check=True
    )
    assert int(run.stdout) < 600  # MB


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
        (encode(Image.new("RGB", (6_000, 6_000)), "WEBP"), "too-many-pixels"),
        (scans(100), "damaged"),
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
    assert re.search("Send|Save", str(caught.value))


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
