"""The stage with a canary: what the smoke test or an alarm stops, and what it lets through."""

import json
import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from local_cloud.server import Cloud
from tests.conftest import draw_photos
from tests.local.conftest import Deployment
from tests.local.test_rollout import ask, assert_whole, constant_requests


@pytest.fixture(scope="module")
def release_folder(pixels_release_folder: Path) -> Path:
    """Serve a release whose zip is small: what is tested here is not the extractor."""
    return pixels_release_folder


@pytest.fixture(scope="module")
def photo(photo_folder: Path) -> Path:
    return photo_folder / "BBQ" / "1.png"


@pytest.fixture(scope="module")
def third_release_folder(
    train_release: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return train_release(draw_photos(tmp_path_factory.mktemp("third") / "photos", seed=3))


@pytest.fixture(scope="module")
def prod(
    cloud: Cloud, tmp_path_factory: pytest.TempPathFactory, release_folder: Path
) -> Iterator[Deployment]:
    """Deploy prod, but for its keys and the bucket that outlives it."""
    settings = {"stage": "prod", "keep_releases": "false", "auth": "none"}
    prod = Deployment(cloud, tmp_path_factory.mktemp("prod"), **settings)
    prod.start(release_folder)
    yield prod
    for command in (
        prod.destroy(prod.service),
        prod.model_code("empty", "--stack", prod.artifacts),
        prod.destroy(prod.artifacts),
    ):
        assert command.returncode == 0, command.stderr


def events(deployment: Deployment) -> str:
    cloudformation = deployment.cloud.client("cloudformation")
    found = cloudformation.describe_stack_events(StackName=deployment.service)["StackEvents"]
    return "\n".join(event.get("ResourceStatusReason", "") for event in found)


def test_releases_follow_each_other_under_constant_requests(
    prod: Deployment,
    release_folder: Path,
    other_release_folder: Path,
    third_release_folder: Path,
    photo: Path,
) -> None:
    releases = [other_release_folder, third_release_folder, release_folder]
    with constant_requests(prod, photo) as answers:
        for release in releases:
            prod.go_live(release)
    answers.append(ask(prod, photo))
    assert_whole(answers, photo, *releases)
    served = [answer.document["release"] for answer in answers]
    assert sum(one != other for one, other in pairwise(served)) == 3
    assert prod.endpoints() == {f"chicklearning-prod-{release_folder.name}"}
    assert "the local cloud skips its wait" in events(prod)
    print(f"requests sent {len(served)}, failed 0, answered by a wrong pair 0")


def wrong_golden(release: Path, tmp_path: Path) -> Path:
    """Return the release with a golden answer that it does not give."""
    folder = shutil.copytree(release, tmp_path / release.name)
    document = json.loads((folder / "release.json").read_text())
    document["golden"][0]["probabilities"] = [0.0, 0.0, 1.0]
    (folder / "release.json").write_text(json.dumps(document))
    return folder


def assert_stopped(prod: Deployment, deployed: Any, *, serving: Path, photo: Path) -> None:
    assert deployed.returncode != 0
    assert_whole([ask(prod, photo)], photo, serving)
    assert prod.endpoints() == {f"chicklearning-prod-{serving.name}"}


def test_a_failing_smoke_test_leaves_the_old_release_serving(
    prod: Deployment, release_folder: Path, other_release_folder: Path, photo: Path, tmp_path: Path
) -> None:
    wrong = wrong_golden(other_release_folder, tmp_path)
    uploaded = prod.model_code("upload", other_release_folder, "--stack", prod.artifacts)
    assert uploaded.returncode == 0, uploaded.stderr
    with constant_requests(prod, photo) as answers:
        deployed = prod.deploy(prod.service, wrong, canary="true")
    assert_whole(answers, photo, release_folder)
    assert_stopped(prod, deployed, serving=release_folder, photo=photo)
    assert "golden/0.png (BBQ): the probabilities are apart by" in events(prod)


@pytest.fixture
def alarm(prod: Deployment) -> Iterator[str]:
    """Set off one of the alarms that the deployment group watches."""
    cloudwatch = prod.cloud.client("cloudwatch")
    name = "chicklearning-prod-api-errors"
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    yield name
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="a test")


def test_an_alarm_leaves_the_old_release_serving(
    prod: Deployment, alarm: str, release_folder: Path, other_release_folder: Path, photo: Path
) -> None:
    uploaded = prod.model_code("upload", other_release_folder, "--stack", prod.artifacts)
    assert uploaded.returncode == 0, uploaded.stderr
    deployed = prod.deploy(prod.service, other_release_folder)
    assert_stopped(prod, deployed, serving=release_folder, photo=photo)
    assert f"alarm {alarm} is in ALARM" in events(prod)


def test_without_the_canary_an_alarm_does_not_hold_up_the_mend(
    prod: Deployment, alarm: str, release_folder: Path, other_release_folder: Path, photo: Path
) -> None:
    mended = prod.deploy(prod.service, other_release_folder, canary="false")
    assert mended.returncode == 0, mended.stderr
    assert_whole([ask(prod, photo)], photo, other_release_folder)
