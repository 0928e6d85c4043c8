"""A run that is killed at any point, and the next one: nothing lost, nothing doubled."""

import csv
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.unit.collection import killed_run
from tests.unit.collection.test_collect import check_whole, rows
from tests.unit.fake_instagram import TOKEN, USER, FakeInstagram

PHOTOS = 8
# A file's sync and its row's come by turns, after one for the head of each of two tables.
POINTS = [
    *[("fsync", number) for number in (1, 2, 3, 4, 9)],
    *[("write", number) for number in (1, 2, 3, 6)],
    *[(call, number) for call in ("replace", "replaced") for number in (1, 2, 3, 8)],
]


@pytest.fixture
def filled(fake: FakeInstagram) -> FakeInstagram:
    for seed in range(4):
        fake.post("교촌치킨", seed)
    fake.post("bbq", 10, 11, 12, 3)  # the last one is of both
    return fake


def run(fake: FakeInstagram, into: Path, call: str, number: int) -> int:
    arguments = [str(fake.port), USER, TOKEN, str(into), call, str(number)]
    command = [sys.executable, "-m", killed_run.__name__, *arguments]
    return subprocess.run(command, check=False, timeout=60).returncode


@pytest.mark.parametrize(("call", "number"), POINTS)
def test_a_killed_run_goes_on(
    filled: FakeInstagram, tmp_path: Path, call: str, number: int
) -> None:
    into = tmp_path / "photos"
    assert run(filled, into, call, number) == -signal.SIGKILL
    done = {urlsplit(row["url"]).path for row in whole_rows(into)}
    filled.asked.clear()

    killed_run.main(filled.port, USER, TOKEN, into)
    assert not done & set(filled.asked), "fetched again"
    assert len(rows(into)) == PHOTOS
    check_whole(into)
    assert not list(into.rglob("*.part"))

    filled.asked.clear()
    killed_run.main(filled.port, USER, TOKEN, into)
    assert not [path for path in filled.asked if path.startswith("/photos/")]
    assert len(rows(into)) == PHOTOS


def whole_rows(into: Path) -> list[dict[str, str]]:
    """Return the rows that the killed run had written to their end."""
    if not (into / "photos.csv").exists():
        return []
    with (into / "photos.csv").open(encoding="utf-8", errors="replace", newline="") as file:
        return [row for row in csv.DictReader(file) if len(row["sha256"] or "") == 64]


def test_killed_again_and_again_it_still_ends(filled: FakeInstagram, tmp_path: Path) -> None:
    into = tmp_path / "photos"
    codes = [run(filled, into, "replaced", 3) for _ in range(6)]
    assert codes[:2] == [-signal.SIGKILL] * 2
    assert codes[-1] == 0
    assert len(rows(into)) == PHOTOS
    check_whole(into)
