"""POST /v1/uploads: a form for one photo that is too large for the gateway."""

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from inbox import EXPIRES_IN, MAX_UPLOAD_BYTES
from observation import Observation
from problems import Problem
from reply import Reply
from request_body import json_members
from service import Service

UPLOAD_TYPES = ("image/jpeg", "image/png", "image/webp")
EXPECTED = f'Send {{"content_type": "<one of {", ".join(UPLOAD_TYPES)}>"}}.'


def uploads(event: Mapping[str, Any], service: Service, _: Observation) -> Reply:
    """Answer with an id, and where and with which fields to post the photo."""
    members = json_members(event, {"content_type"}, EXPECTED)
    if members.get("content_type") not in UPLOAD_TYPES:
        raise Problem("invalid-json", f"The JSON names no type of a photo. {EXPECTED}")
    upload = secrets.token_hex(16)
    form = service.inbox.sign_upload(upload, members["content_type"])
    document = {
        "upload": upload,
        "url": form["url"],
        "fields": form["fields"],  # before the file, which is the form's last field, `file`
        "expires_in": EXPIRES_IN,
        "max_bytes": MAX_UPLOAD_BYTES,
    }
    return Reply(document, HTTPStatus.CREATED)
