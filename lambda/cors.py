"""Which web pages may read an answer. A browser asks; other clients do not care."""

from collections.abc import Mapping, Sequence
from typing import Any

ANY = "*"
EXPOSED = "Retry-After, X-Request-Id, X-Release-Id"  # stacks/cors.py has the same


def cors_headers(origins: Sequence[str], event: Mapping[str, Any]) -> dict[str, str]:
    """Return what lets a page of one of `origins` read an answer, its ids and when to try again."""
    if not origins:
        return {}
    exposed = {"Access-Control-Expose-Headers": EXPOSED}
    if ANY in origins:
        return {"Access-Control-Allow-Origin": ANY, **exposed}
    # The header takes one origin, so it is the page's own, and caches must tell pages apart.
    vary = {"Vary": "Origin"}
    origin = _origin(event)
    return {"Access-Control-Allow-Origin": origin, **exposed, **vary} if origin in origins else vary


def _origin(event: Mapping[str, Any]) -> str:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return str(headers.get("origin", ""))
