"""Every error of the API: one table, one exception, one RFC 9457 problem document."""

from http import HTTPStatus
from typing import Any

from model_code.features import PhotoError

# kind -> (HTTP status, title). The title is the same for each problem of a kind.
PROBLEMS = {
    "empty": (HTTPStatus.BAD_REQUEST, "The photo is empty"),
    "invalid-json": (HTTPStatus.BAD_REQUEST, "The body is not the JSON that is expected"),
    "invalid-base64": (HTTPStatus.BAD_REQUEST, "The photo is not valid base64"),
    "invalid-multipart": (HTTPStatus.BAD_REQUEST, "The form is not the one that is expected"),
    "no-permission": (HTTPStatus.BAD_REQUEST, "The photo came without permission to keep it"),
    "unknown-brand": (HTTPStatus.BAD_REQUEST, "The release has no such brand"),
    "not-found": (HTTPStatus.NOT_FOUND, "There is nothing at this path"),
    "upload-unknown": (HTTPStatus.NOT_FOUND, "There is no such upload"),
    "method-not-allowed": (HTTPStatus.METHOD_NOT_ALLOWED, "The path has no such method"),
    "too-large": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The photo has too many bytes"),
    "too-many-pixels": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The photo has too many pixels"),
    "too-many-photos": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request has too many photos"),
    "too-slow": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request has too much to do"),
    "unsupported-media-type": (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The Content-Type is not taken"),
    "not-a-photo": (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The bytes are not a photo"),
    "damaged": (HTTPStatus.UNPROCESSABLE_ENTITY, "The photo cannot be decoded"),
    "too-small": (HTTPStatus.UNPROCESSABLE_ENTITY, "The photo is too small"),
    "internal": (HTTPStatus.INTERNAL_SERVER_ERROR, "The service made a mistake"),
    "endpoint-failed": (HTTPStatus.BAD_GATEWAY, "The model gave no usable answer"),
    "other-release": (HTTPStatus.BAD_GATEWAY, "Another release of the model answered"),
    "endpoint-busy": (HTTPStatus.SERVICE_UNAVAILABLE, "The model is busy"),
    "endpoint-gone": (HTTPStatus.SERVICE_UNAVAILABLE, "The model is not there"),
    "inbox-failed": (HTTPStatus.SERVICE_UNAVAILABLE, "The store of uploads does not answer"),
    "endpoint-timeout": (HTTPStatus.GATEWAY_TIMEOUT, "The model took too long"),
}
# seconds
RETRY_AFTER = {
    "endpoint-busy": "1", "endpoint-gone": "30", "endpoint-timeout": "1", "inbox-failed": "1",
}  # fmt: skip


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it that
    """A request that is answered with an error; `detail` says what would work."""

    def __init__(self, kind: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.status, self.title = PROBLEMS[kind]
        self.detail = detail
        self.headers = headers or {}
        if kind in RETRY_AFTER:
            self.headers["Retry-After"] = RETRY_AFTER[kind]

    def document(self) -> dict[str, Any]:
        """Lay out as https://www.rfc-editor.org/rfc/rfc9457."""
        return {
            "type": f"urn:chicklearning:problem:{self.kind}",
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail,
        }


def from_photo_error(error: PhotoError) -> Problem:
    """Turn a photo's fault into a problem of the same kind."""
    return Problem(error.fault, str(error))
