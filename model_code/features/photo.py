"""The bytes of one image file -> an upright 8-bit RGB image, or a clear error.

Uploaded bytes are hostile: only three decoders are let near them, the size is read from the
header before a pixel is decoded, and whatever a decoder raises becomes a `PhotoError`.
"""

import io
import re
from typing import Literal

# The decoders by name, so that Pillow need not load its forty others to find them.
from PIL import ExifTags, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

from model_code.features.other_formats import refusal

FORMATS = ("JPEG", "PNG", "WEBP")
# Pillow's own limit is off: `_check_size` has ours, before a pixel is decoded.
Image.MAX_IMAGE_PIXELS = None
SIGNATURE = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP", re.DOTALL)
# Decoded, a pixel takes 4 bytes, and as many again while the photo is turned: a 50-megapixel
# phone photo 0.4 GB. WebP's decoder holds four copies, and alpha is a third in PNG.
MAX_PIXELS = {"JPEG": 52_000_000, "PNG": 26_000_000, "WEBP": 26_000_000}
# A progressive JPEG has about ten scans. Each costs a pass over all pixels, in a few bytes: a
# largest photo of a dozen takes a third of a second.
MAX_SCANS = 64
MAX_SCANNED = 12 * MAX_PIXELS["JPEG"]  # pixels x scans
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
# What comes with a length. The others stand alone, or end the decoding; a scan's data holds none.
SEGMENT = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])")
MIN_SIDE = 16  # px; below, there is no dish to see

# EXIF orientation -> how to turn the photo (EXIF 2.32, table 4)
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Fault = Literal["empty", "not-a-photo", "damaged", "too-many-pixels", "too-small"]


class PhotoError(ValueError):
    """The bytes are no photo that we can read; the message tells the sender what would work."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault: Fault = fault


def open_photo(photo: bytes, enough_side: int | None = None) -> Image.Image:
    """Decode `photo` (JPEG, PNG or WebP; the first frame) to RGB, upright, over white.

    Parameters
    ----------
    enough_side
        px. A JPEG whose sides are at least twice as long is decoded at 1/2, 1/4 or 1/8 of its
        size, which is several times quicker; no side gets shorter than this.

    Raises
    ------
    PhotoError
        Empty, not one of the formats, damaged, or outside the limits of size.
    """
    if not photo:
        raise PhotoError("empty", "The photo is empty. Send the bytes of an image file.")
    image = _identify(photo)
    _check_size(image)
    _check_scans(photo, image)
    try:
        if enough_side:
            image.draft(None, (enough_side, enough_side))
        image.load()
        return _upright(_flatten(image), _orientation(image))
    except Exception as error:  # decoders of hostile bytes raise nearly anything
        raise _damaged() from error


def _identify(photo: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(photo), formats=FORMATS)
    except Exception as error:
        if SIGNATURE.match(photo):
            raise _damaged() from error
        raise PhotoError("not-a-photo", refusal(photo)) from error


def _damaged() -> PhotoError:
    return PhotoError(
        "damaged",
        "The photo is damaged or cut short: it starts like one but cannot be decoded to its end. "
        "Send the whole file.",
    )


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    kind = _kind(image)
    limit = MAX_PIXELS[kind]
    if width * height > limit:
        raise PhotoError(
            "too-many-pixels",
            f"The {kind} has more than {limit // 1_000_000} million pixels. Send "
            "a smaller copy; 1,000 pixels a side are plenty.",
        )
    if min(width, height) < MIN_SIDE:
        raise PhotoError(
            "too-small",
            f"The photo is {width}x{height} pixels. Send one of at least {MIN_SIDE}x{MIN_SIDE}.",
        )


def _kind(image: Image.Image) -> str:
    """Name the format: phones put several JPEGs into one file, which Pillow calls MPO."""
    return "JPEG" if isinstance(image, JpegImagePlugin.JpegImageFile) else str(image.format)


def _check_scans(photo: bytes, image: Image.Image) -> None:
    if _kind(image) != "JPEG":
        return
    width, height = image.size
    most = min(MAX_SCANS, MAX_SCANNED // (width * height))
    # The count of the bytes is quick, and never too low.
    if photo.count(bytes([0xFF, START_OF_SCAN])) > most and _scans(photo) > most:
        raise PhotoError(
            "damaged",
            f"The JPEG has more than {most} scans, the most for its size. Save it as a baseline "
            "JPEG.",
        )


def _scans(photo: bytes) -> int:
    """Count the scans of the first image: neither of a thumbnail, nor of what lies behind it."""
    scans, place = 0, 2
    while (found := SEGMENT.search(photo, place)) and found[1][0] != END_OF_IMAGE:
        scans += found[1][0] == START_OF_SCAN
        place = found.end() + int.from_bytes(photo[found.end() : found.end() + 2])
    return scans


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; an EXIF block that cannot be read leaves the photo as it is."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _flatten(image: Image.Image) -> Image.Image:
    """Any mode of the three formats -> RGB; transparency is seen over white."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I"):  # 16-bit grey: Pillow's own conversion would clip, not scale
        return image.convert("I").point(lambda level: level / 256).convert("L").convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    return image.convert("RGB")
