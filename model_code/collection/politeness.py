"""How often a host is asked: a rate, rests that it asks for, and backoff with jitter."""

import math
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from model_code.collection.failure import RestError

PER_SECOND = 4.0  # requests to one host
MAX_REST = 120.0  # s; a host that wants a longer one is left alone for the rest of the run
BACKOFF = (1.0, 60.0)  # s: the first wait, and the longest


class Politeness:
    """Gives each request its turn. Safe to share between threads."""

    def __init__(
        self,
        per_second: float = PER_SECOND,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}  # host -> when it may be asked again

    def take_turn(self, url: str) -> None:
        """Wait until the host of `url` may be asked, and count the request.

        Raises
        ------
        RestError
            It asked for a longer rest than this run waits.
        """
        host = _host(url)
        with self._lock:
            now = self._clock()
            turn = max(now, self._next.get(host, now))
            if turn - now > MAX_REST:
                minutes = math.ceil((turn - now) / 60)
                raise RestError(f"{host} asks to be left alone for {minutes} minutes")
            self._next[host] = turn + self._interval
        if turn > now:
            self._sleep(turn - now)

    def rest(self, url: str, seconds: float) -> None:
        """Let nobody ask the host of `url` for so long."""
        host = _host(url)
        with self._lock:
            self._next[host] = max(self._next.get(host, 0), self._clock() + seconds)

    def wait(self, seconds: float) -> None:
        """Wait before another try at one address."""
        self._sleep(seconds)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # the guard refuses it in a moment
        return ""


def backoff(attempt: int) -> float:
    """Return seconds to wait after a failed try (0 is the first), with jitter."""
    first, longest = BACKOFF
    # Jitter, so that the workers do not all come back at once; nothing secret hangs on it.
    return float(min(first * 2**attempt, longest) * random.uniform(0.5, 1.0))  # noqa: S311


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds of a Retry-After header (a number or a date), if it has any."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value.strip()[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
