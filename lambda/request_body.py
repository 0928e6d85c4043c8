"""An API Gateway event -> its body: the bytes, or the members of a JSON object."""

import base64
import json
from collections.abc import Mapping, Set
from typing import Any

from problems import Problem

JSON = "application/json"


def header_of(event: Mapping[str, Any], name: str) -> str:
    """Return a header by its lower-case name; empty where there is none."""
    headers = {key.lower(): value for key, value in (event.get("headers") or {}).items()}
    return str(headers.get(name) or "")


def media_type(event: Mapping[str, Any]) -> str:
    """Return the Content-Type in lower case, without its parameters."""
    return header_of(event, "content-type").partition(";")[0].strip().lower()


def body_of(event: Mapping[str, Any]) -> bytes:
    """Return the body as it was sent."""
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        return base64.b64decode(body)  # API Gateway wrote the base64; its own is always valid
    return str(body).encode("utf-8", "surrogatepass")


def named(kind: str) -> str:
    """Say in words which Content-Type does not fit."""
    return f"Content-Type {kind} is not taken" if kind else "Content-Type is missing"


def json_members(event: Mapping[str, Any], known: Set[str], expected: str) -> dict[str, Any]:
    """Return the members of the JSON object in the body.

    A member that is there twice or has another name than one of `known` is refused: half of what
    was said would be left out without a word.

    Raises
    ------
    Problem
        It is another Content-Type, or not such an object; `expected` says what would be.
    """
    kind = media_type(event)
    if kind != JSON:
        raise Problem("unsupported-media-type", f"{named(kind)}. {expected} Use {JSON}.")
    try:
        document = json.loads(
            body_of(event), object_pairs_hook=_members_once, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, _RefusedError) else "The body is not JSON"
        raise Problem("invalid-json", f"{why}. {expected}") from error
    if not isinstance(document, dict):
        raise Problem("invalid-json", f"The JSON is not an object. {expected}")
    if not document.keys() <= known:
        names = ", ".join(sorted(known))
        raise Problem("invalid-json", f"A member is none of {names}. {expected}")
    return document


class _RefusedError(ValueError):
    """JSON that Python reads and this API does not."""


def _members_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _RefusedError("A member is there twice")
    return members


def _refuse_constant(name: str) -> None:
    raise _RefusedError(f"{name} is no JSON")
