"""Files that are sent as photos and are not read, by their first bytes: what they are."""

import re
from typing import NamedTuple

EXPORT = "Send it as JPEG; photo programs export it."


class OtherFormat(NamedTuple):
    """A format, how its files start, and the way out."""

    name: str
    start: re.Pattern[bytes]
    way_out: str


# A decoder for HEIC would add 6 MB to the Lambda's zip (pillow-heif 1.8), and be one more that
# hostile bytes are let near.
OTHERS = (
    OtherFormat(
        "HEIC",
        re.compile(rb"....ftyp(hei|hev|mif1|msf1)", re.DOTALL),
        "Send it as JPEG: share it as such, or let the camera take JPEG; on an iPhone by Settings, "
        "Camera, Formats, Most Compatible.",
    ),
    OtherFormat("AVIF", re.compile(rb"....ftypavi[fs]", re.DOTALL), EXPORT),
    OtherFormat("GIF", re.compile(rb"GIF8[79]a"), EXPORT),
    OtherFormat("TIFF", re.compile(rb"II\*\0|MM\0\*"), EXPORT),
    OtherFormat("BMP", re.compile(rb"BM....\0\0\0\0", re.DOTALL), EXPORT),
    OtherFormat("PDF", re.compile(rb"%PDF-"), EXPORT),
    OtherFormat("SVG", re.compile(rb"\s*(<\?xml[^>]*>\s*)?<(svg|!DOCTYPE svg)"), EXPORT),
)


def refusal(photo: bytes) -> str:
    """Say what the bytes are, where that is known, and what would work."""
    for other in OTHERS:
        if other.start.match(photo):
            return f"The file is of the format {other.name}, which is not taken. {other.way_out}"
    return "The bytes are not a photo. Send a JPEG, PNG or WebP file."
