"""GET /v1/openapi.json: the API's description in OpenAPI 3.1, made from what the code goes by.

Limits, types, problems and brands come from where they are used; tests hold the paths to the
routes and the gateway's problems to the gateway's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from inbox import EXPIRES_IN, MAX_UPLOAD_BYTES
from openapi_schemas import EXAMPLE_PHOTO, schemas
from photo_request import FORM, MAX_PHOTO_BYTES, MAX_PHOTOS, PHOTO_TYPES
from problems import PROBLEMS, RETRY_AFTER
from served_release import ServedRelease

JSON = "application/json"
OF_PHOTOS = (
    "empty", "invalid-base64", "upload-unknown", "too-large", "too-many-pixels", "not-a-photo",
    "damaged", "too-small", "inbox-failed",
)  # fmt: skip
OF_JSON = ("invalid-json", "unsupported-media-type")
OF_THE_ENDPOINT = (
    "endpoint-failed", "other-release", "endpoint-busy", "endpoint-gone", "endpoint-timeout",
)  # fmt: skip
# The problems of the gateway, which never reach the Lambda: stacks/gateway_problems.py has them.
# Where there is no status, the gateway's own stays.
GATEWAY_PROBLEMS: dict[str, tuple[str, str]] = {
    "too-large": ("413", "The photo has too many bytes"),
    "unsupported-media-type": ("415", "The Content-Type is not taken"),
    "throttled": ("429", "Too many requests"),
    "quota-exceeded": ("429", "The key's requests of today are used up"),
    "key-refused": ("403", "The API key is missing or not valid"),
    "not-signed": ("403", "The request is not signed"),
    "signature-refused": ("403", "The signature is not valid"),
    "signature-expired": ("403", "The credentials have expired"),
    "access-denied": ("403", "Your identity may not call this"),
    "blocked": ("403", "The firewall blocked the request"),
    "timeout": ("504", "The answer took too long"),
    "refused": ("4XX", "The request was refused"),
    "internal": ("5XX", "The service made a mistake"),
}
# What another path or another method than those here is answered with.
OF_ANY_REQUEST = {kind: ("4XX", PROBLEMS[kind][1]) for kind in ("not-found", "method-not-allowed")}
WITH_RETRY = {"429", *(str(int(PROBLEMS[kind][0])) for kind in RETRY_AFTER)}


def document(release: ServedRelease) -> dict[str, Any]:
    """Return the description of the API that serves a release."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ChickLearning",
            "version": "1",
            "description": "A photo of fried chicken goes in, its brand comes out. Each request "
            "can be sent again safely.",
        },
        "servers": [{"url": ".."}],  # seen from this document
        "security": [{}, {"key": []}, {"iam": []}],  # by the stage's setting `auth`
        "paths": _paths(),
        "components": {
            "schemas": schemas(release),
            "headers": _headers(),
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
                "iam": {
                    "type": "apiKey", "in": "header", "name": "Authorization",
                    "description": "Signature Version 4, for execute-api",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                },
            },
        },
    }  # fmt: skip


def _paths() -> dict[str, Any]:
    page = {"description": "The page", "headers": _ids(), "content": {"text/html": {}}}
    own = {"description": "This document", "headers": _ids(), "content": {JSON: {}}}
    return {
        "/": {"get": _operation("A page to try it with", {"200": page}, is_open=True)},
        "/v1/openapi.json": {"get": _operation("The API", {"200": own}, is_open=True)},
        "/v1/health": {
            "get": _operation("Whether it is alive", {"200": _answer("Health")}, is_open=True)
        },
        "/v1/model": {"get": _operation("Release, brands, metrics", {"200": _answer("Model")})},
        "/v1/predict": {
            "post": _operation(
                f"The brand of a photo, or of each of up to {MAX_PHOTOS}",
                {"200": _answer("Answer", "Answers")},
                problems=(*OF_PHOTOS, *OF_JSON, *OF_THE_ENDPOINT, "invalid-multipart",
                          "too-many-photos", "too-slow"),
                body=_photos(),
            )
        },
        "/v1/uploads": {
            "post": _operation(
                f"A form for a photo of up to {MAX_UPLOAD_BYTES:,} bytes, good for {EXPIRES_IN} s",
                {"201": _answer("Upload")},
                problems=OF_JSON,
                body={JSON: _named("UploadRequest")},
            )
        },
        "/v1/feedback": {
            "post": _operation(
                "What a photo really was",
                {"200": _answer("Feedback")},
                problems=(*OF_PHOTOS, *OF_JSON, "no-permission", "unknown-brand"),
                body={JSON: _named("FeedbackRequest")},
            )
        },
    }  # fmt: skip


def _operation(
    summary: str, answers: Mapping[str, Any], *, problems: Iterable[str] = (),
    body: Mapping[str, Any] | None = None, is_open: bool = False,
) -> dict[str, Any]:  # fmt: skip
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {**answers, **_problem_responses([*problems, "internal"])},
    }
    if body:
        operation["requestBody"] = {"required": True, "content": body}
    if is_open:
        operation["security"] = []
    return operation


def _photos() -> dict[str, Any]:
    one = {
        kind: {"schema": {"type": "string", "format": "binary", "maxLength": MAX_PHOTO_BYTES}}
        for kind in PHOTO_TYPES
    }
    file = {"type": "string", "format": "binary"}
    form = {
        "type": "object",
        "required": ["photo"],
        "properties": {"photo": {"type": "array", "minItems": 1, "items": file}},
    }
    example = {"photo": {"value": {"photo": EXAMPLE_PHOTO}}}
    json = {**_named("PredictRequest"), "examples": example}
    return {**one, JSON: json, FORM: {"schema": form}}


def _answer(*names: str) -> dict[str, Any]:
    """Describe an answer that is of one of these schemas."""
    refs = [_reference(name) for name in names]
    schema = refs[0] if len(refs) == 1 else {"oneOf": refs}
    return {"description": names[0], "headers": _ids(), "content": {JSON: {"schema": schema}}}


def _problem_responses(kinds: Iterable[str]) -> dict[str, Any]:
    """Describe, by status, the problems of a route and those that every request may have."""
    of_lambda = {kind: (str(int(PROBLEMS[kind][0])), PROBLEMS[kind][1]) for kind in kinds}
    by_status: dict[str, dict[str, str]] = {}
    for table in (of_lambda, GATEWAY_PROBLEMS, OF_ANY_REQUEST):
        for kind, (status, title) in table.items():
            by_status.setdefault(status, {})[kind] = title
    return {status: _problem(status, by_status[status]) for status in sorted(by_status)}


def _problem(status: str, titles: Mapping[str, str]) -> dict[str, Any]:
    types = {"enum": [f"urn:chicklearning:problem:{kind}" for kind in sorted(titles)]}
    schema = {"allOf": [_reference("Problem"), {"properties": {"type": types}}]}
    headers: dict[str, Any] = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
    if status == "4XX":
        headers["Allow"] = {"$ref": "#/components/headers/Allow"}
    if status in WITH_RETRY:
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    return {
        "description": ". ".join(sorted(titles.values())),
        "headers": headers,
        "content": {"application/problem+json": {"schema": schema}},
    }


def _ids() -> dict[str, Any]:
    names = ("X-Request-Id", "X-Release-Id")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _headers() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "X-Request-Id": {"description": "Of this request", "required": True, "schema": text},
        "X-Release-Id": {"description": "Who answered", "required": True, "schema": text},
        "Allow": {"description": "Of a 405: the methods of the path", "schema": text},
        "Retry-After": {
            "description": "Seconds to wait",
            "schema": {"type": "integer", "minimum": 1},
        },
    }


def _named(name: str) -> dict[str, Any]:
    return {"schema": _reference(name)}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
