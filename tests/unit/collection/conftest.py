"""A fake Instagram, and a client that may ask it and never really waits."""

from collections.abc import Iterator

import pytest

from model_code.collection.client import Client
from model_code.collection.politeness import Politeness
from tests.unit.fake_instagram import FakeInstagram, serving


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def fake() -> Iterator[FakeInstagram]:
    with serving(FakeInstagram()) as server:
        yield server


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def client(fake: FakeInstagram, time: FakeTime) -> Client:
    politeness = Politeness(clock=time.clock, sleep=time.sleep)
    return Client(fake.guard, politeness, seconds=5, connections=4)
