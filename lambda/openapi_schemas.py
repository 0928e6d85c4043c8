"""What goes in and what comes out, as JSON Schema: the larger half of the OpenAPI document."""

from collections.abc import Mapping
from typing import Any

from inbox import MAX_UPLOAD_BYTES
from photo_request import MAX_PHOTOS
from served_release import ServedRelease
from uploads import UPLOAD_TYPES

TEXT = {"type": "string"}
HEX_16 = {"type": "string", "pattern": "^[0-9a-f]{16}$"}
PHOTO = {"type": "string", "contentEncoding": "base64", "description": "A photo as base64"}
UPLOAD = {"type": "string", "description": "The id of an upload, of the last day"}
UUID = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
# The smallest photo that is taken, a white PNG, so that the example can be sent.
EXAMPLE_PHOTO = (
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQAQAAAAA3iMLMAAAA"
    "DklEQVR4nGP4/5+BFAQA/U4f4cOgO+EAAAAASUVORK5CYII="
)
IDS = {"release": HEX_16, "request_id": TEXT}


def schemas(release: ServedRelease) -> dict[str, Any]:
    """Return all of them; brands are those of the release."""
    brand = {"type": "string", "enum": list(release.brands)}
    row = {"brand": brand, "name": TEXT}
    probability = {"type": "number", "minimum": 0, "maximum": 1}
    ranked = {**row, "probability": probability}
    answer = {
        **row, "confident": {"type": "boolean"},
        "probabilities": {"type": "array", "minItems": 1, "items": _object(ranked)},
    }  # fmt: skip
    each = {"oneOf": [_object(answer), {"$ref": "#/components/schemas/Problem"}]}
    return {
        "Health": _object({"status": {"const": "alive"}, **IDS}),
        "Model": _object(
            {
                "brands": {"type": "array", "items": _object(row)},
                "extractor": TEXT, "metrics": {"type": "object"}, **IDS,
            }
        ),
        "Answer": _object({**answer, **IDS}),
        "Answers": _object({"answers": _list(each), **IDS}),
        "PredictRequest": {
            "oneOf": [
                _object({"photo": PHOTO}),
                _object({"upload": UPLOAD}),
                _object({"photos": _list(PHOTO)}),
                _object({"uploads": {**_list(UPLOAD), "uniqueItems": True}}),
            ]
        },
        "UploadRequest": _object({"content_type": {"enum": list(UPLOAD_TYPES)}}),
        "Upload": _object(
            {
                "upload": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
                "url": {"type": "string", "format": "uri"},
                "fields": {"type": "object", "additionalProperties": TEXT},
                "expires_in": {"type": "integer", "description": "Seconds"},
                "max_bytes": {"const": MAX_UPLOAD_BYTES}, **IDS,
            }
        ),
        "FeedbackRequest": _feedback({"enum": [*release.brands, None]}),
        "Feedback": _object({"feedback": HEX_16, "kept_photo": {"type": "boolean"}, **IDS}),
        "Problem": _object(
            {
                "type": {"type": "string", "pattern": "^urn:chicklearning:problem:[a-z0-9-]+$"},
                "title": TEXT, "detail": TEXT,
                "status": {"type": "integer"}, "request_id": TEXT,
            },
            optional=("status", "request_id"),
        ),
    }  # fmt: skip


def _feedback(brand: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for permission with each photo, and for a photo with permission."""
    said = {"request_id": UUID, "brand": brand}
    allowed = {"keep_photo": {"const": True}}
    return {
        "oneOf": [
            _object({**said, "keep_photo": {"const": False}}, optional=("keep_photo",)),
            _object({**said, "photo": PHOTO, **allowed}),
            _object({**said, "upload": UPLOAD, **allowed}),
        ]
    }


def _object(properties: Mapping[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _list(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "maxItems": MAX_PHOTOS, "items": items}
