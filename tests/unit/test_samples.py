"""Drawn photos: the same for the same seed, more without changing any, four brands apart."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model_code.errors import UserError
from model_code.samples import write_samples


def photos(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.jpg"))}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    assert write_samples(folder, 2, seed=1) == 8
    return folder


def test_draws_four_brands_with_names(drawn: Path) -> None:
    names = json.loads((drawn / "brands.json").read_text())
    assert set(names) == {"BBQ", "goobne", "kyochon", "nene"} == {
        path.name for path in drawn.iterdir() if path.is_dir()
    }  # fmt: skip
    for path in drawn.rglob("*.jpg"):
        with Image.open(path) as image:
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (640, 640))


def test_more_photos_leave_the_first_as_they_are(drawn: Path, tmp_path: Path) -> None:
    write_samples(tmp_path, 1, seed=1)
    assert write_samples(tmp_path, 2, seed=1) == 4
    assert photos(tmp_path) == photos(drawn)


def test_another_seed_draws_other_photos(drawn: Path, tmp_path: Path) -> None:
    write_samples(tmp_path, 1, seed=2)
    assert set(photos(tmp_path).values()).isdisjoint(photos(drawn).values())


def test_a_run_that_was_stopped_goes_on(drawn: Path, tmp_path: Path) -> None:
    write_samples(tmp_path, 2, seed=1)
    (tmp_path / "nene" / "0001.jpg").unlink()
    (tmp_path / "nene" / "0001.123.part").write_bytes(b"half")
    assert write_samples(tmp_path, 2, seed=1) == 1
    assert photos(tmp_path) == photos(drawn)


def test_every_photo_is_different(drawn: Path) -> None:
    assert len(set(photos(drawn).values())) == 8


def test_brands_tend_to_different_colours(drawn: Path) -> None:
    def redness(brand: str) -> float:
        pictures = [np.asarray(Image.open(path)) for path in (drawn / brand).glob("*.jpg")]
        red, green, _ = np.mean(pictures, axis=(0, 1, 2))
        return float(red / green)

    assert redness("nene") > redness("BBQ")


def test_a_run_that_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "model_code", "samples", str(tmp_path)]
    with subprocess.Popen(command, start_new_session=True) as process:
        wait_until(lambda: bool(list(tmp_path.rglob("*.jpg"))))
        process.kill()
    wait_until(lambda: not is_alive(process.pid))


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("It never came true.")


def is_alive(process_group: int) -> bool:
    try:
        os.killpg(process_group, 0)
    except ProcessLookupError:
        return False
    return True


def test_no_photos_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Ask for 1 or more"):
        write_samples(tmp_path, 0, seed=1)
