"""An API Gateway event -> the photo's bytes."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from problems import Problem

PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp", "application/octet-stream")
# Lambda takes events of 6 MB, and API Gateway hands a photo on as base64: 4/3 of its size.
MAX_PHOTO_BYTES = 4_500_000


def photo_of(event: Mapping[str, Any]) -> bytes:
    """Return the photo of a predict request, sent as such or as base64 in JSON.

    Raises
    ------
    Problem
        The Content-Type, the JSON or the base64 is wrong, or the photo is empty or too large.
    """
    media_type = _media_type(event)
    if media_type in PHOTO_TYPES:
        photo = _body(event)
    elif media_type == "application/json":
        photo = _photo_in_json(_body(event))
    else:
        raise Problem(
            "unsupported-media-type",
            f"{_named(media_type)}. Send the photo as "
            f'{", ".join(PHOTO_TYPES)}, or as {{"photo": "<base64>"}} with application/json.',
        )
    if len(photo) > MAX_PHOTO_BYTES:
        raise Problem(
            "too-large",
            f"The photo has {len(photo):,} bytes, and {MAX_PHOTO_BYTES:,} are taken. Send a "
            "smaller copy; 1,000 pixels a side are plenty.",
        )
    return photo


def _named(media_type: str) -> str:
    return f"Content-Type {media_type} is not taken" if media_type else "Content-Type is missing"


def _media_type(event: Mapping[str, Any]) -> str:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return str(headers.get("content-type", "")).partition(";")[0].strip().lower()


def _body(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    # API Gateway wrote the base64; its own is always valid.
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def _photo_in_json(body: bytes) -> bytes:
    expected = 'Send {"photo": "<the photo as base64>"}.'
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Problem("invalid-json", f"The body is not JSON. {expected}") from error
    photo = document.get("photo") if isinstance(document, dict) else None
    if not isinstance(photo, str):
        raise Problem("invalid-json", f"The JSON has no photo as text. {expected}")
    try:
        return base64.b64decode("".join(photo.split()), validate=True)  # `base64` breaks lines
    except (binascii.Error, ValueError) as error:
        raise Problem(
            "invalid-base64",
            f"The photo is not base64 ({error}). Use the standard alphabet (+/), "
            "and no data: prefix.",
        ) from error
