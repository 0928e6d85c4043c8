"""GET /: the page, which a browser lets do no more than it has to."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from reply import Reply

FILE = Path(__file__).with_name("page.html")
INLINE = r"<{0}>(.*?)</{0}>"


@cache
def page() -> Reply:
    """Return the page with a policy that lets its own script and style run, and nothing else.

    By the hash of what is in the file: https://www.w3.org/TR/CSP3/#csp-hash-sources
    """
    html = FILE.read_text(encoding="utf-8")
    policy = {
        "default-src": "'none'",
        "script-src": _hashes("script", html),
        "style-src": _hashes("style", html),
        "connect-src": "'self'",  # the API
        "img-src": "'self' blob: data:",  # the photos that were chosen
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "; ".join(map(" ".join, policy.items())),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
    }
    return Reply(html, headers=headers)


def _hashes(element: str, html: str) -> str:
    texts = re.findall(INLINE.format(element), html, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
    return " ".join(f"'sha256-{digest}'" for digest in hashes) or "'none'"
