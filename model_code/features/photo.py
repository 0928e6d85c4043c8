"""The bytes of one image file -> an upright 8-bit RGB image, or a clear error.

Uploaded bytes are hostile: only three decoders are let near them, the size is read from the
header before a pixel is decoded, and whatever a decoder raises becomes a `PhotoError`.
"""

import io
import re
from typing import Literal

# The decoders by name, so that Pillow need not load its forty others to find them.
from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

FORMATS = ("JPEG", "PNG", "WEBP")
# Pillow's own limit is off: `_check_size` has ours, before a pixel is decoded.
Image.MAX_IMAGE_PIXELS = None
SIGNATURE = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP", re.DOTALL)
# A 50-megapixel phone photo passes; decoded it takes 150 MB, twice that while it is turned.
MAX_PIXELS = 52_000_000
MIN_SIDE = 16  # px; below, there is no dish to see

Fault = Literal["empty", "not-a-photo", "damaged", "too-many-pixels", "too-small"]


class PhotoError(ValueError):
    """The bytes are no photo that we can read; the message tells the sender what would work."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault: Fault = fault


def open_photo(photo: bytes) -> Image.Image:
    """Decode `photo` (JPEG, PNG or WebP; the first frame) to RGB, upright, over white.

    Raises
    ------
    PhotoError
        Empty, not one of the formats, damaged, or outside the limits of size.
    """
    if not photo:
        raise PhotoError("empty", "The photo is empty. Send the bytes of an image file.")
    image = _identify(photo)
    _check_size(*image.size)
    try:
        return _flatten(ImageOps.exif_transpose(image))
    except Exception as error:  # decoders of hostile bytes raise nearly anything
        raise _damaged() from error


def _identify(photo: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(photo), formats=FORMATS)
    except Exception as error:
        if SIGNATURE.match(photo):
            raise _damaged() from error
        raise PhotoError(
            "not-a-photo", "The bytes are not a photo. Send a JPEG, PNG or WebP file."
        ) from error


def _damaged() -> PhotoError:
    return PhotoError(
        "damaged",
        "The photo is damaged or cut short: it starts like one but cannot be decoded to its end. "
        "Send the whole file.",
    )


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 1_000_000
        raise PhotoError(
            "too-many-pixels",
            f"The photo has more than {limit} million pixels. Send a smaller copy; 1,000 pixels "
            "a side are plenty.",
        )
    if min(width, height) < MIN_SIDE:
        raise PhotoError(
            "too-small",
            f"The photo is {width}x{height} pixels. Send one of at least {MIN_SIDE}x{MIN_SIDE}.",
        )


def _flatten(image: Image.Image) -> Image.Image:
    """Any mode of the three formats -> RGB; transparency is seen over white."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I"):  # 16-bit grey: Pillow's own conversion would clip, not scale
        return image.convert("I").point(lambda level: level / 256).convert("L").convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")
