"""`empty` where a destroy that failed half-way is run again."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from model_code import aws
from model_code.__main__ import main

COMMAND = ["empty", "--stack", "ChickLearning-dev-Artifacts"]


class Bucket:
    """A bucket that refuses with some code to be emptied."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.object_versions = self

    def delete(self) -> None:
        raise ClientError({"Error": {"Code": self.code}}, "ListObjectVersions")


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    outputs = {"BucketName": "a-bucket", "ReleasesOnDestroy": "deleted"}
    told = [{"OutputKey": name, "OutputValue": text} for name, text in outputs.items()]
    monkeypatch.setattr(aws, "find_stack", lambda stack: {"Outputs": told})

    class S3:
        def Bucket(self, _name: str) -> Any:  # noqa: N802 - boto3's name
            return Bucket(request.param)

    monkeypatch.setattr(aws, "resource", lambda service: S3())


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize("refused", ["NoSuchBucket"], indirect=True)
def test_a_bucket_that_is_gone_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(COMMAND) == 0
    assert "a-bucket is gone already" in capsys.readouterr().out


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize("refused", ["AccessDenied"], indirect=True)
def test_a_bucket_that_may_not_be_emptied_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(COMMAND) == 1
    assert "Could not empty bucket a-bucket" in capsys.readouterr().err


def test_a_stack_that_is_gone_is_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(aws, "find_stack", lambda stack: None)
    assert main(COMMAND) == 0
    assert "nothing is left to empty" in capsys.readouterr().out
