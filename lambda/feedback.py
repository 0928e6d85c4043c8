"""POST /v1/feedback: what a photo really was, and the photo itself where its sender says so.

What is kept is the answer's id, the brand, and the pixels of a photo: nothing about a person.
"""

import hashlib
import io
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from model_code.features import PhotoError, open_photo
from observation import Observation
from photo_request import photo_in_base64
from problems import Problem, from_photo_error
from reply import Reply
from request_body import json_members
from served_release import ServedRelease
from service import Service

MEMBERS = {"request_id", "brand", "photo", "upload", "keep_photo"}
EXPECTED = (
    'Send {"request_id": "<that of the answer>", "brand": "<a brand, or null for none of them>"}, '
    'and to let the photo be kept, {"photo": "<base64>"} or {"upload": "<id>"} with '
    '{"keep_photo": true} too.'
)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
QUALITY = 90  # of the JPEG


def feedback(event: Mapping[str, Any], service: Service, seen: Observation) -> Reply:
    """Keep a feedback; the same one sent again is kept once, with the time of the last."""
    members = json_members(event, MEMBERS, EXPECTED)
    _check(members, service.release)
    with seen.timed("InboxMs"):
        photo = _photo(members, service)
    feedback_id = _id(members, photo)
    jpeg = None if photo is None else _without_metadata(photo)
    with seen.timed("InboxMs"):
        request_id = members["request_id"]
        key = None if jpeg is None else service.inbox.keep_photo(request_id, feedback_id, jpeg)
        record = _record(members, feedback_id, key, service.release)
        service.inbox.keep_feedback(request_id, feedback_id, record)
    seen.note(feedback=feedback_id, kept_photo=key is not None)
    return Reply({"feedback": feedback_id, "kept_photo": key is not None})


def _check(members: Mapping[str, Any], release: ServedRelease) -> None:
    """Refuse what is no feedback, and a photo that nobody allowed to keep."""
    request_id = members.get("request_id")
    if not (isinstance(request_id, str) and UUID.fullmatch(request_id)):
        raise Problem("invalid-json", f"`request_id` is not that of an answer. {EXPECTED}")
    _check_photo(members)
    brand = members.get("brand", "")
    if brand is not None and brand not in release.brands:
        brands = ", ".join(release.brands)
        raise Problem("unknown-brand", f"The brands are {brands}; null says: none of them.")


def _check_photo(members: Mapping[str, Any]) -> None:
    photos = [members[name] for name in ("photo", "upload") if name in members]
    keep = members.get("keep_photo", False)
    if len(photos) > 1 or not all(isinstance(photo, str) for photo in photos):
        raise Problem("invalid-json", f"There is more than one photo, or it is no text. {EXPECTED}")
    if not isinstance(keep, bool) or (keep and not photos):
        raise Problem("invalid-json", f"`keep_photo` is true or false, with a photo. {EXPECTED}")
    if photos and not keep:
        raise Problem(
            "no-permission",
            'Nothing was kept. Say {"keep_photo": true} with the photo, or leave it out.',
        )


def _photo(members: Mapping[str, Any], service: Service) -> bytes | None:
    if "photo" in members:
        return photo_in_base64(members["photo"])
    return service.inbox.read_upload(members["upload"]) if "upload" in members else None


def _id(members: Mapping[str, Any], photo: bytes | None) -> str:
    """Return the same for the same feedback, so that it can be sent again safely."""
    digest = None if photo is None else hashlib.sha256(photo).hexdigest()
    said = json.dumps([members["request_id"], members["brand"], digest])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _without_metadata(photo: bytes) -> bytes:
    """Decode a photo as the features do, and write nothing but its upright pixels."""
    try:
        image = open_photo(photo)
    except PhotoError as error:
        raise from_photo_error(error) from error
    image.info.clear()  # Pillow would write a JPEG's comment again
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _record(
    members: Mapping[str, Any], feedback_id: str, photo: str | None, release: ServedRelease
) -> bytes:
    record = {
        "feedback": feedback_id,
        "request_id": members["request_id"],
        "brand": members["brand"],
        "release": release.id,
        "photo": photo,
        "time": datetime.now(UTC).isoformat(timespec="microseconds"),  # orders words
    }
    return json.dumps(record, ensure_ascii=False).encode()
