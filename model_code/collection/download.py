"""One URL -> the bytes behind it: a few tries, with the waits that the host asks for."""

from model_code.collection.client import Answer, Client
from model_code.collection.failure import RestError, TemporaryError, UselessError
from model_code.collection.politeness import backoff, retry_after

MAX_PHOTO = 20_000_000  # bytes; a phone's photo of 50 megapixels has 15 MB
TRIES = 4
BUSY = (429, 503)  # the host as a whole wants a rest
PASSING = (408, 425, 500, 502, 504)
HINTS = {
    403: "; the addresses of Instagram's photos expire after some days",
    404: "; it is gone",
    410: "; it is gone",
}


def download(client: Client, url: str, max_bytes: int = MAX_PHOTO) -> bytes:
    """Fetch `url`, whatever it is.

    Raises
    ------
    UselessError
        It never will be one: a status that says so, too long, or not a public address.
    TemporaryError
        Not in this run.
    """
    for attempt in range(TRIES):
        try:
            return _content(client.get(url, max_bytes))
        except TemporaryError as error:
            if attempt == TRIES - 1 or isinstance(error, RestError):
                raise
            _wait(client, url, attempt, error)
    raise AssertionError("unreachable")


def _content(answer: Answer) -> bytes:
    status = answer.status
    if status == 200:
        return answer.body
    if status in BUSY:
        asked = retry_after(answer.headers.get("Retry-After"))
        raise _BusyError(f"HTTP {status}: the host is asked too often", asked)
    if status in PASSING:
        raise TemporaryError(f"HTTP {status}")
    raise UselessError(f"HTTP {status}{HINTS.get(status, '')}")


class _BusyError(TemporaryError):
    pass


def _wait(client: Client, url: str, attempt: int, error: TemporaryError) -> None:
    seconds = max(backoff(attempt), error.retry_after or 0)
    if isinstance(error, _BusyError):
        client.politeness.rest(url, seconds)
    else:
        client.politeness.wait(seconds)
