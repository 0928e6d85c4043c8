"""A predict request -> its photos, however they were sent."""

import base64
import binascii
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeVar

from photo_form import photos_in_form
from problems import Problem
from request_body import JSON, body_of, json_members, media_type, named

PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp", "application/octet-stream")
FORM = "multipart/form-data"
# Lambda takes events of 6 MB, and API Gateway hands a photo on as base64: 4/3 of its size.
MAX_PHOTO_BYTES = 4_500_000
MAX_PHOTOS = 20  # a request
EXPECTED = (
    'Send one of {"photo": "<the photo as base64>"}, {"upload": "<id>"}, '
    '{"photos": ["<base64>", ...]} and {"uploads": ["<id>", ...]}.'
)

Source = Callable[[], bytes]  # gives a photo, or raises the Problem with it
ReadUpload = Callable[[str], bytes]
Photo = TypeVar("Photo", str, bytes)


class PhotoRequest(NamedTuple):
    """What was sent; a list of one photo is several too, and so is its answer."""

    sources: list[Source]
    several: bool


def photos_of(event: Mapping[str, Any], read_upload: ReadUpload) -> PhotoRequest:
    """Return the photos of a predict request: as such, in JSON, in a form, or uploaded before.

    Raises
    ------
    Problem
        The Content-Type, the JSON or the form is wrong, or there are too many photos. What is
        wrong with a single photo is raised by its source.
    """
    kind = media_type(event)
    if kind in PHOTO_TYPES:
        return PhotoRequest([lambda: _not_too_large(body_of(event))], several=False)
    if kind == FORM:
        photos = _not_too_many(photos_in_form(event, MAX_PHOTOS))
        return PhotoRequest([partial(_not_too_large, photo) for photo in photos], several=True)
    if kind == JSON:
        return _in_json(event, read_upload)
    raise Problem(
        "unsupported-media-type",
        f"{named(kind)}. Send a photo as {', '.join(PHOTO_TYPES)}, several as {FORM}, or "
        f'{{"photo": "<base64>"}} as {JSON}.',
    )


def photo_in_base64(text: str) -> bytes:
    """Decode what JSON holds.

    Raises
    ------
    Problem
        It is not base64, or too large a photo.
    """
    try:
        photo = base64.b64decode("".join(text.split()), validate=True)  # `base64` breaks lines
    except (binascii.Error, ValueError) as error:
        raise Problem(
            "invalid-base64",
            f"The photo is not base64 ({error}). Use the standard alphabet (+/), "
            "and no data: prefix.",
        ) from error
    return _not_too_large(photo)


def _in_json(event: Mapping[str, Any], read_upload: ReadUpload) -> PhotoRequest:
    read = {
        "photo": photo_in_base64, "photos": photo_in_base64,
        "upload": read_upload, "uploads": read_upload,
    }  # fmt: skip
    members = json_members(event, read.keys(), EXPECTED)
    if len(members) != 1:
        raise Problem("invalid-json", f"The JSON has {len(members)} members. {EXPECTED}")
    ((name, value),) = members.items()
    several = name.endswith("s")
    texts = value if several else [value]
    if not (isinstance(texts, list) and texts and all(isinstance(text, str) for text in texts)):
        raise Problem("invalid-json", f"The JSON has no photo as text in `{name}`. {EXPECTED}")
    _not_too_many(texts)
    if name == "uploads" and len(set(texts)) < len(texts):
        # 32 digits would cost as much work as the 25 MB that they stand for.
        raise Problem("invalid-json", "An upload is there twice. Ask about each once.")
    return PhotoRequest([partial(read[name], text) for text in texts], several)


def _not_too_many(photos: list[Photo]) -> list[Photo]:
    if len(photos) > MAX_PHOTOS:
        raise Problem(
            "too-many-photos", f"A request takes {MAX_PHOTOS} photos. Send the others in another."
        )
    return photos


def _not_too_large(photo: bytes) -> bytes:
    if len(photo) > MAX_PHOTO_BYTES:
        raise Problem(
            "too-large",
            f"The photo has {len(photo):,} bytes, and {MAX_PHOTO_BYTES:,} are taken. Send a "
            "smaller copy, 1,000 pixels a side are plenty, or upload it: POST /v1/uploads.",
        )
    return photo
