"""Questions to Instagram's Graph API, within the limits that it tells.

https://developers.facebook.com/docs/graph-api/overview/rate-limiting and
https://developers.facebook.com/docs/graph-api/guides/error-handling
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from model_code.collection.client import Answer, Client
from model_code.collection.failure import RestError, TemporaryError, UselessError
from model_code.collection.politeness import backoff, retry_after
from model_code.errors import UserError

BASE = "https://graph.facebook.com/v25.0"
MAX_ANSWER = 5_000_000  # bytes; a page of 50 posts has some 100,000
TRIES = 4

TOKEN_CODES = (102, 190)
BUSY_CODES = (4, 17, 32, 613, 80002)
PASSING_CODES = (1, 2)
PERMISSION_CODES = (3, 10, *range(200, 300))
# Percent of what an hour or a day allows -> seconds until the next question
SLOW = ((95, 60.0), (80, 10.0))

TOKENS = "https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived"
KEPT = "What was fetched is kept; the same command goes on from there."


class GraphApi:
    """Asks as one user with one token. The token is in no message."""

    def __init__(self, client: Client, token: str, base: str = BASE) -> None:
        self._client = client
        self._token = token
        self._base = base

    def get(self, path: str, **parameters: str) -> dict[str, Any]:
        """Return the object that the API answers with.

        Raises
        ------
        UserError
            The token, a permission or the question is not taken; or it has to be asked later.
        """
        url = f"{self._base}/{path}?{urlencode({**parameters, 'access_token': self._token})}"
        failure: TemporaryError | None = None
        for attempt in range(TRIES):
            try:
                return self._object(self._client.get(url, MAX_ANSWER), url, path)
            except RestError as error:
                raise UserError(f"Instagram's limit is reached: {error}. {KEPT}") from error
            except TemporaryError as error:
                failure = error
                self._client.politeness.rest(url, max(backoff(attempt), error.retry_after or 0))
            except UselessError as error:
                raise UserError(f"Instagram's API cannot be asked: {error}.") from error
        raise UserError(f"Instagram's API does not answer: {failure}. {KEPT}")

    def _object(self, answer: Answer, url: str, path: str) -> dict[str, Any]:
        self._heed_usage(answer.headers, url)
        document = _parsed(answer)
        error = document.get("error")
        if answer.status == 200 and error is None:
            return document
        raise _failure(error if isinstance(error, dict) else {}, answer, path)

    def _heed_usage(self, headers: Mapping[str, str], url: str) -> None:
        percent, minutes = usage(headers)
        seconds = next((seconds for limit, seconds in SLOW if percent >= limit), 0.0)
        self._client.politeness.rest(url, max(seconds, 60.0 * minutes))


def _parsed(answer: Answer) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        if isinstance(document := json.loads(answer.body), dict):
            return document
    asked = retry_after(answer.headers.get("Retry-After"))
    raise TemporaryError(f"HTTP {answer.status} with an answer that is no JSON object", asked)


def _failure(error: dict[str, Any], answer: Answer, path: str) -> Exception:
    """Return what to raise for the API's own account of what is wrong."""
    code = error.get("code")
    said = str(error.get("error_user_msg") or error.get("message") or f"HTTP {answer.status}")[:300]
    if code in TOKEN_CODES:
        return UserError(
            f"Instagram does not take the access token ({said.rstrip('.')}). Such a token lives "
            f"about 60 days. Make a new one ({TOKENS}) and put it into INSTAGRAM_ACCESS_TOKEN. "
            f"{KEPT}"
        )
    if code in BUSY_CODES or answer.status == 429:
        return TemporaryError(said, retry_after(answer.headers.get("Retry-After")))
    if code in PASSING_CODES or answer.status >= 500:
        return TemporaryError(said)
    if code in PERMISSION_CODES:
        return UserError(
            f"Instagram does not permit it ({said.rstrip('.')}). The app needs the permission "
            "instagram_basic and the feature Instagram Public Content Access, which Meta grants "
            "in App Review: docs/collect.md."
        )
    return UserError(f"Instagram refuses {path}: {said.rstrip('.')}. {KEPT}")


def usage(headers: Mapping[str, str]) -> tuple[float, float]:
    """Return the percentage of the rate limit that is used, and minutes to wait if it is all.

    X-App-Usage is an object of percentages; X-Business-Use-Case-Usage has a list of such objects
    for each business. What is not of that form tells nothing.
    """
    percent = minutes = 0.0
    for name in ("X-App-Usage", "X-Business-Use-Case-Usage"):
        for report in _reports(headers.get(name, "{}")):
            shares = (report.get(key) for key in ("call_count", "total_time", "total_cputime"))
            percent = max(percent, *map(_number, shares))
            minutes = max(minutes, _number(report.get("estimated_time_to_regain_access")))
    return percent, minutes


def _reports(header: str) -> Iterator[dict[str, Any]]:
    try:
        document = json.loads(header)
    except (ValueError, RecursionError):
        return
    if isinstance(document, dict):
        yield document
        for value in document.values():
            if isinstance(value, list):
                yield from (report for report in value if isinstance(report, dict))


def _number(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return min(float(value), 1e6) if is_number and 0 <= value < float("inf") else 0.0
