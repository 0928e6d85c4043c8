"""The smoke test: what it asks the new version, and what it tells CodeDeploy."""

import base64
import importlib
import io
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from model_code.release import Golden, Release

EVENT = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1"}
VERSION = "arn:aws:lambda:ap-northeast-2:000000000000:function:predict:7"
Report = Callable[[], str]


class NewVersion:
    """Answers golden photos as recorded, or as a test says."""

    def __init__(self, release: Release, folder: Path) -> None:
        self.release = release
        self.asked: list[dict[str, Any]] = []
        self.photos = {(folder / g.photo).read_bytes(): g for g in release.golden}
        self.spoil: Callable[[dict[str, Any]], object] = lambda answer: None
        self.payload: bytes | None = None

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert FunctionName == VERSION
        event = json.loads(Payload)
        self.asked.append(event)
        body = json.dumps(self._answer(self.photos[base64.b64decode(event["body"])]))
        response = json.dumps({"statusCode": 200, "body": body}).encode()
        return {"Payload": io.BytesIO(self.payload or response)}

    def _answer(self, golden: Golden) -> dict[str, Any]:
        pairs = zip(self.release.brands, golden.probabilities, strict=True)
        rows = [{"brand": brand.id, "probability": score} for brand, score in pairs]
        answer = {"release": self.release.id, "probabilities": rows}
        self.spoil(answer)
        return answer


class CodeDeploy:
    def __init__(self) -> None:
        self.told: list[dict[str, str]] = []

    def put_lifecycle_event_hook_execution_status(self, **request: str) -> None:
        self.told.append(request)


@pytest.fixture
def smoke_test(monkeypatch: pytest.MonkeyPatch, release_folder: Path) -> Iterator[ModuleType]:
    monkeypatch.setenv("NEW_VERSION", VERSION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-2")
    module = importlib.import_module("smoke_test")
    monkeypatch.setattr(module, "HERE", release_folder)
    yield module
    del sys.modules["smoke_test"]


@pytest.fixture
def new_version(
    smoke_test: ModuleType, release: Release, release_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> NewVersion:
    version = NewVersion(release, release_folder)
    monkeypatch.setattr(smoke_test, "LAMBDA", version)
    return version


@pytest.fixture
def report(
    smoke_test: ModuleType, new_version: NewVersion, monkeypatch: pytest.MonkeyPatch
) -> Report:
    """Run it once; return the status that it told CodeDeploy, for the right hook."""

    def run() -> str:
        codedeploy = CodeDeploy()
        monkeypatch.setattr(smoke_test, "CODEDEPLOY", codedeploy)
        smoke_test.handler(EVENT, None)
        (told,) = codedeploy.told
        assert told["deploymentId"] == "d-1"
        assert told["lifecycleEventHookExecutionId"] == "e-1"
        return told["status"]

    return run


def test_answers_as_recorded_let_the_traffic_move(
    report: Report, new_version: NewVersion, release: Release
) -> None:
    assert report() == "Succeeded"
    assert len(new_version.asked) == len(release.golden)


def test_an_answer_within_the_tolerance_agrees(report: Report, new_version: NewVersion) -> None:
    def move(answer: dict[str, Any]) -> None:
        answer["probabilities"][0]["probability"] += 0.04

    new_version.spoil = move
    assert report() == "Succeeded"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda a: a.update(release="another"), "release another answered instead of"),
        (lambda a: a["probabilities"][0].update(probability=2.0), "apart by"),
        (lambda a: a["probabilities"][1].update(probability=float("nan")), "apart by"),
        (lambda a: a["probabilities"].pop(), "it answered for the brands"),
        (lambda a: a["probabilities"][0].update(brand="duck"), "it answered for the brands"),
        (lambda a: a.pop("probabilities"), "KeyError"),
    ],
)
def test_another_answer_stops_the_traffic_and_the_log_says_why(
    report: Report,
    new_version: NewVersion,
    capfd: pytest.CaptureFixture[str],
    spoil: Callable[[dict[str, Any]], object],
    reason: str,
) -> None:
    new_version.spoil = spoil
    assert report() == "Failed"
    assert reason in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "payload",
    [
        b'{"errorMessage": "No module named handler", "errorType": "ImportModuleError"}',
        b'{"statusCode": 502, "body": "{}"}',
        b"no JSON",
    ],
)
def test_a_version_that_does_not_answer_stops_the_traffic(
    report: Report, new_version: NewVersion, payload: bytes
) -> None:
    new_version.payload = payload
    assert report() == "Failed"


def test_a_photo_that_is_missing_stops_the_traffic(
    report: Report, smoke_test: ModuleType, release_folder: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    bundle = shutil.copytree(release_folder, tmp_path / "bundle")
    shutil.rmtree(bundle / "golden")
    monkeypatch.setattr(smoke_test, "HERE", bundle)
    assert report() == "Failed"
