"""Upload: into the stack's bucket, once, verified, and never over another release's objects."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from model_code.release import read_release
from tests.local.conftest import ARTIFACTS, Deployment


@pytest.fixture(scope="module")
def s3(deployment: Deployment) -> Any:
    return deployment.cloud.client("s3")


@pytest.fixture
def bucket(s3: Any, request: pytest.FixtureRequest) -> str:
    name = str(request.node.name).replace("_", "-")
    location = {"LocationConstraint": "ap-northeast-2"}
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=location)
    return name


def keys(s3: Any, bucket: str) -> set[str]:
    return {item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


def test_the_release_lies_in_the_stacks_bucket_under_its_id(
    deployment: Deployment, s3: Any, release_folder: Path
) -> None:
    bucket = deployment.output(ARTIFACTS, "BucketName")
    release = read_release(release_folder)
    names = ["model.tar.gz", "efficientnet-lite0.onnx", "release.json"]
    names += [golden.photo for golden in release.golden]
    for name in names:
        key = f"releases/{release.id}/{name}"
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        assert body == (release_folder / name).read_bytes()
    assert not any("report" in key for key in keys(s3, bucket))


def test_a_second_run_sends_nothing(deployment: Deployment, release_folder: Path) -> None:
    result = deployment.model_code("upload", release_folder, "--stack", ARTIFACTS)
    assert result.returncode == 0, result.stderr
    assert "sent" not in result.stdout
    assert result.stdout.count("there already") == 6


def test_an_upload_that_was_cut_short_goes_on(
    deployment: Deployment, s3: Any, bucket: str, release_folder: Path
) -> None:
    deployment.model_code("upload", release_folder, "--bucket", bucket)
    lost = f"releases/{release_folder.name}/release.json"
    s3.delete_object(Bucket=bucket, Key=lost)
    result = deployment.model_code("upload", release_folder, "--bucket", bucket)
    assert result.stdout.count("sent") == 1
    assert lost in keys(s3, bucket)


def test_other_content_under_the_key_is_not_overwritten(
    deployment: Deployment, s3: Any, bucket: str, release_folder: Path
) -> None:
    key = f"releases/{release_folder.name}/model.tar.gz"
    s3.put_object(Bucket=bucket, Key=key, Body=b"another")
    result = deployment.model_code("upload", release_folder, "--bucket", bucket)
    assert result.returncode == 1
    assert "Nothing was overwritten" in result.stderr
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"another"
    assert keys(s3, bucket) == {key}


def test_a_release_that_breaks_the_contract_is_not_sent(
    deployment: Deployment, s3: Any, bucket: str, release_folder: Path, tmp_path: Path
) -> None:
    broken = shutil.copytree(release_folder, tmp_path / "broken")
    document = json.loads((broken / "release.json").read_text())
    document["selection"].pop()
    (broken / "release.json").write_text(json.dumps(document))
    result = deployment.model_code("upload", broken, "--bucket", bucket)
    assert result.returncode == 1
    assert not keys(s3, bucket)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--bucket", "no-such-bucket"], "Could not upload s3://no-such-bucket/"),
        (["--stack", "NoSuchStack"], "Stack NoSuchStack is not deployed"),
    ],
)
def test_a_place_that_is_not_there_is_named(
    deployment: Deployment, release_folder: Path, options: list[str], message: str
) -> None:
    result = deployment.model_code("upload", release_folder, *options)
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: {message}")
