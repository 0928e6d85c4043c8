"""A release over a release: under constant requests, none fails and no pair is ever mixed."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest

from model_code.predict import by_release
from tests.conftest import draw_photos
from tests.local.conftest import SERVICE, Answer, Deployment

PAUSE = 0.05  # s; dev lets 20 requests a second through


@pytest.fixture(scope="module")
def photo(photo_folder: Path) -> Path:
    return photo_folder / "교촌" / "3.png"


def ask(deployment: Deployment, photo: Path) -> Answer:
    return deployment.request("POST", "/v1/predict", photo.read_bytes(), Content_Type="image/png")


def assert_whole(answers: list[Answer], photo: Path, *releases: Path) -> None:
    """Every answer's probabilities are those of the release that it names."""
    expected = {release.name: by_release(release)(photo).probabilities for release in releases}
    for answer in answers:
        assert answer.status == 200, answer.document
        shown = {row["brand"]: row["probability"] for row in answer.document["probabilities"]}
        assert shown == pytest.approx(expected[answer.document["release"]], abs=1e-6)


@contextmanager
def constant_requests(deployment: Deployment, photo: Path) -> Iterator[list[Answer]]:
    """Ask again and again until the block ends; the list is complete then."""
    answers: list[Answer] = []
    stop = Event()

    def ask_on() -> None:
        while not stop.is_set():
            answers.append(ask(deployment, photo))
            stop.wait(PAUSE)

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask_on)
        try:
            yield answers
        finally:
            stop.set()
        asking.result()


def test_a_release_over_a_release_changes_over_without_a_wrong_answer(
    deployment: Deployment, release_folder: Path, other_release_folder: Path, photo: Path
) -> None:
    with constant_requests(deployment, photo) as answers:
        deployment.go_live(other_release_folder)
    try:
        answers.append(ask(deployment, photo))
        assert_whole(answers, photo, release_folder, other_release_folder)
        served = [answer.document["release"] for answer in answers]
        assert served[0] == release_folder.name
        assert served[-1] == other_release_folder.name
        changes = sum(one != other for one, other in pairwise(served))
        assert changes == 1
        assert deployment.endpoints() == {f"chicklearning-dev-{other_release_folder.name}"}
    finally:
        deployment.go_live(release_folder)  # which is how one rolls back
    assert_whole([ask(deployment, photo)], photo, release_folder)
    assert deployment.endpoints() == {f"chicklearning-dev-{release_folder.name}"}


def test_a_release_whose_endpoint_fails_leaves_the_old_pair_serving(
    deployment: Deployment,
    release_folder: Path,
    train_release: Callable[..., Path],
    tmp_path: Path,
    photo: Path,
) -> None:
    never_uploaded = train_release(draw_photos(tmp_path / "photos", seed=3))
    with constant_requests(deployment, photo) as answers:
        result = deployment.deploy(SERVICE, never_uploaded)
    assert result.returncode != 0
    assert "Could not find model data" in result.stderr + result.stdout
    answers.append(ask(deployment, photo))
    assert_whole(answers, photo, release_folder)
    assert deployment.endpoints() == {f"chicklearning-dev-{release_folder.name}"}
