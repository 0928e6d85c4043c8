"""One request to the deployed API: bounded in time and size, and repeated where that is safe."""

import random
import time
from typing import NamedTuple

import urllib3

from model_code.api_key import key_header
from model_code.errors import UserError
from model_code.in_time import in_time

TIMEOUT = 35  # s; API Gateway itself gives up after 29
MAX_ANSWER = 1024 * 1024  # bytes; ours have some hundreds a photo

# Too many requests, busy, and too slow. To ask about a photo twice changes nothing.
PASSING = (429, 503, 504)
PAUSES = (1, 2, 4, 8)  # s, unless the answer says how long
LONGEST_PAUSE = 60  # s, whatever the answer says


class Answered(NamedTuple):
    """An HTTP answer."""

    status: int
    body: bytes
    retry_after: str | None


def request(method: str, url: str, path: str, body: bytes, **headers: str) -> Answered:
    """Ask the API whose base is `url`, up to five times where it is only busy.

    Raises
    ------
    UserError
        The API cannot be reached, or the key cannot be sent there.
    """
    if not url.startswith(("http://", "https://")):
        raise UserError(f"{url} is not the URL of an API. It starts with https:// (or http://).")
    known = {name.replace("_", "-"): value for name, value in headers.items()} | key_header(url)
    for pause in PAUSES:
        answered = _once(method, url, path, body, known)
        if answered.status not in PASSING:
            return answered
        # Spread, so that many clients that were refused together do not come back together.
        _sleep(_demanded(answered) or pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
    return _once(method, url, path, body, known)


def _sleep(seconds: float) -> None:
    time.sleep(min(seconds, LONGEST_PAUSE))


def _demanded(answered: Answered) -> float | None:
    """Return the seconds that the answer asks to wait, where it does so in HTTP's terms."""
    try:
        return urllib3.Retry().parse_retry_after(answered.retry_after or "")
    except urllib3.exceptions.InvalidHeader:
        return None


def _once(method: str, url: str, path: str, body: bytes, headers: dict[str, str]) -> Answered:
    try:
        return in_time(lambda: _send(method, f"{url.rstrip('/')}{path}", body, headers), TIMEOUT)
    except TimeoutError as error:
        raise UserError(
            f"{url} did not answer in {TIMEOUT} s. Check the URL and the network."
        ) from error
    except urllib3.exceptions.HTTPError as error:
        raise UserError(
            f"{url} does not answer: {str(error).rstrip('.')}. Check the URL and the network."
        ) from error


def _send(method: str, url: str, body: bytes, headers: dict[str, str]) -> Answered:
    """Return status and answer, of which one that is too long is cut."""
    response = urllib3.request(
        method,
        url,
        body=body,
        headers=headers,
        timeout=TIMEOUT,
        retries=False,  # it would wait as long as it is told to
        preload_content=False,
    )
    try:
        content = response.read(MAX_ANSWER)
        return Answered(response.status, content, response.headers.get("Retry-After"))
    finally:
        response.close()
