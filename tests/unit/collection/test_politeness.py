"""Retry-After in its two forms, and what is neither."""

from datetime import UTC, datetime

import pytest

from model_code.collection.failure import RestError
from model_code.collection.politeness import Politeness, backoff, retry_after
from tests.unit.collection.conftest import FakeTime

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0), ("120", 120), (" 7 ", 7), ("Thu, 01 Jan 2026 12:01:30 GMT", 90),
     ("Thu, 01 Jan 2026 11:00:00 GMT", 0), ("Thu, 01 Jan 2026 12:00:05", 5),
     (None, None), ("", None), ("soon", None), ("-5", None), ("1.5", None),
     ("Thu, 99 Jan 2026 12:00:00 GMT", None), ("9" * 400, 999_999_999)],
)  # fmt: skip
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_backoff_has_a_longest_wait() -> None:
    assert all(30 <= backoff(attempt) <= 60 for attempt in range(7, 60))


def test_each_host_has_its_own_turns(time: FakeTime) -> None:
    politeness = Politeness(per_second=1, clock=time.clock, sleep=time.sleep)
    for url in ("http://a.example/1", "http://b.example/1", "http://A.example/2", "http://["):
        politeness.take_turn(url)
    assert time.slept == [1.0]


def test_a_rest_never_gets_shorter(time: FakeTime) -> None:
    politeness = Politeness(clock=time.clock, sleep=time.sleep)
    politeness.rest("http://a.example/", 500)
    politeness.rest("http://a.example/", 1)
    with pytest.raises(RestError, match="9 minutes"):
        politeness.take_turn("http://a.example/")
    time.now += 500
    politeness.take_turn("http://a.example/")
