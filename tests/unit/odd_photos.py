"""Photos that are rare, broken or hostile, made here byte by byte."""

import io
import struct
import zipfile
import zlib
from typing import Any

import numpy as np
from PIL import Image, ImageCms

Size = tuple[int, int]
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2))  # fmt: skip


def dish(mode: str = "RGB", size: Size = (96, 64)) -> Image.Image:
    pixels = np.random.default_rng(5).normal((170, 110, 40), 30, (size[1], size[0], 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).convert(mode)


def encoded(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    (image or dish()).save(file, kind, **options)
    return file.getvalue()


def large_exif() -> bytes:
    """Return a JPEG with 64 KB of EXIF, 200 KB of other segments and a colour profile."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x9286] = "x" * 60_000
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    jpeg = encoded("JPEG", exif=exif, icc_profile=profile)
    segment = b"\xff\xed" + struct.pack(">H", 50_002) + bytes(50_000)
    return jpeg[:2] + segment * 4 + jpeg[2:]


def many_scans() -> bytes:
    photo = encoded("JPEG", progressive=True)
    last = photo[photo.rindex(b"\xff\xda") : -2]
    return photo[:-2] + last * 100 + photo[-2:]


def animation(kind: str) -> bytes:
    frames = [dish(), dish().rotate(180), dish().rotate(90)]
    return encoded(kind, frames[0], save_all=True, append_images=frames[1:], duration=100)


def grey_16() -> bytes:
    levels = np.random.default_rng(5).integers(0, 65536, (64, 96), dtype=np.uint16)
    return encoded("PNG", Image.fromarray(levels))


def png(*chunks: tuple[bytes, bytes], width: int = 64, height: int = 64, **header: int) -> bytes:
    """Lay out a PNG of grey pixels; `header` has `depth` and `interlaced`."""
    fields = (width, height, header.get("depth", 8), 0, 0, 0, header.get("interlaced", 0))
    laid_out = [(b"IHDR", struct.pack(">IIBBBBB", *fields)), *chunks, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in laid_out
    )  # fmt: skip


def pixels(width: int = 64, height: int = 64) -> tuple[bytes, bytes]:
    return b"IDAT", zlib.compress((b"\0" + bytes(width)) * height)


def interlaced_png() -> bytes:
    passes = b"".join(
        (b"\0" + b"\x80" * -((x - 64) // step_x)) * -((y - 64) // step_y)
        for x, y, step_x, step_y in ADAM7
    )
    return png((b"IDAT", zlib.compress(passes)), interlaced=1)


def bomb(keyword: bytes, kind: bytes) -> bytes:
    """Return a PNG of some KB with a chunk that inflates to 100 MB."""
    deflate = zlib.compressobj(9)
    zeros = b"".join(deflate.compress(bytes(1_000_000)) for _ in range(100)) + deflate.flush()
    return png((kind, keyword + b"\0\0" + zeros), pixels())


def bomb_of_pixels() -> bytes:
    """Return a PNG whose 64x64 pixels inflate to 100 MB."""
    return png((b"IDAT", zlib.compress(bytes(100_000_000))))


def jpeg_header(width: int, height: int) -> bytes:
    """Return a JPEG of some hundred bytes that says it has so many pixels."""
    jpeg = bytearray(encoded("JPEG"))
    start = jpeg.index(b"\xff\xc0")
    jpeg[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(jpeg)


def with_zip() -> bytes:
    """Return a JPEG that is a zip file too."""
    file = io.BytesIO(encoded("JPEG"))
    file.seek(0, io.SEEK_END)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("hello.txt", "hello")
    return file.getvalue()


def gif_that_is_a_script() -> bytes:
    return b"GIF89a/*" + bytes(100) + b"*/=1;alert(1)"


def box(brand: bytes) -> bytes:
    """Return the start of a file of the family of MP4: HEIC and AVIF."""
    return struct.pack(">I", 24) + b"ftyp" + brand + bytes(4) + b"mif1" + brand + bytes(500)


def half(photo: bytes) -> bytes:
    return photo[: len(photo) // 2]
