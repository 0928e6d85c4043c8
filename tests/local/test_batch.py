"""`predict --output` against the deployed stage: from S3, by the API, and by Batch Transform."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model_code.batch import shards
from model_code.predict import by_release
from tests.local.conftest import ARTIFACTS, SERVICE, Deployment

BUCKET = "photos-of-a-batch"


@pytest.fixture(scope="module")
def photos(
    deployment: Deployment, photo_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Some photos and what is none, in a folder and in a bucket."""
    folder = tmp_path_factory.mktemp("batch") / "photos"
    folder.mkdir()
    for brand in ("BBQ", "nene"):
        for number in range(12):
            source = photo_folder / brand / f"{number}.png"
            shutil.copy(source, folder / f"{number:02} {brand}.png")
    (folder / "05 bad.jpg").write_text("no photo")
    s3 = deployment.cloud.client("s3")
    location = {"LocationConstraint": "ap-northeast-2"}
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
    for path in folder.iterdir():
        s3.upload_file(str(path), BUCKET, f"some/{path.name}")
    s3.put_object(Bucket=BUCKET, Key="some/.hidden/x.jpg", Body=b"")
    s3.put_object(Bucket=BUCKET, Key="some/folder/", Body=b"")
    return folder


def rows_of(output: Path) -> dict[str, dict[str, str]]:
    with output.open(newline="") as file:
        rows = list(csv.DictReader(file))
    found = {row["path"].rpartition("/")[2]: row for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.fixture(scope="module")
def expected(photos: Path, release_folder: Path) -> dict[str, dict[str, float]]:
    predict = by_release(release_folder)
    return {path.name: predict(path).probabilities for path in photos.glob("*.png")}


def assert_answered(output: Path, expected: dict[str, dict[str, float]]) -> None:
    """Every photo has the answer that the release on disk gives, and the bad one its error."""
    rows = rows_of(output)
    assert rows.pop("05 bad.jpg")["error"]
    assert rows.keys() == expected.keys()
    for name, probabilities in expected.items():
        scores = {brand: float(rows[name][f"probability {brand}"]) for brand in probabilities}
        assert scores == pytest.approx(probabilities, abs=1e-5)


@pytest.mark.parametrize("place", ["folder", "bucket"])
def test_the_api_is_asked_about_photos_of_a_folder_and_of_s3(
    place: str, deployment: Deployment, photos: Path, expected: dict[str, dict[str, float]],
    tmp_path: Path,
) -> None:  # fmt: skip
    source = photos if place == "folder" else f"s3://{BUCKET}/some/"
    output = tmp_path / "answers.csv"
    asked = deployment.model_code("predict", source, "--url", deployment.url, "--output", output)
    assert asked.returncode == 1  # one of them is no photo
    assert "25 photos in" in asked.stdout, asked.stderr
    assert_answered(output, expected)


def test_the_endpoint_is_asked_too(
    deployment: Deployment, photos: Path, release_folder: Path,
    expected: dict[str, dict[str, float]], tmp_path: Path,
) -> None:  # fmt: skip
    endpoint, output = deployment.output(SERVICE, "EndpointName"), tmp_path / "answers.csv"
    deployment.model_code(
        "predict", f"s3://{BUCKET}/some/", "--endpoint", endpoint, "--release", release_folder,
        "--output", output,
    )  # fmt: skip
    assert_answered(output, expected)


def test_a_bucket_that_is_not_there_is_named(deployment: Deployment, tmp_path: Path) -> None:
    output = tmp_path / "answers.csv"
    asked = deployment.model_code(
        "predict", "s3://not-there/x", "--url", deployment.url, "--output", output
    )
    assert asked.returncode == 1
    assert "Could not list s3://not-there/x" in asked.stderr
    assert "Traceback" not in asked.stderr


@pytest.fixture
def here(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Run in this process, in small shards and without pauses; return SageMaker's client."""
    for name, value in deployment.cloud.environment().items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(shards, "SHARD", 7)
    monkeypatch.setattr("model_code.batch.transform.SHARD", 7)
    monkeypatch.setattr("model_code.batch.job.PAUSE", 0.01)
    yield deployment.cloud.client("sagemaker")


def transform(photos: Path | str, release: Path, output: Path) -> int:
    from model_code.__main__ import main

    options = ["--release", str(release), "--transform", SERVICE, "--output", str(output)]
    return main(["predict", str(photos), *options])


def objects(deployment: Deployment) -> set[str]:
    s3, bucket = deployment.cloud.client("s3"), deployment.output(ARTIFACTS, "BucketName")
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="batch/").get("Contents", [])
    return {item["Key"] for item in listed}


def jobs(deployment: Deployment) -> set[str]:
    return {key.split("/")[3] for key in objects(deployment) if "/output/" in key}


def test_a_transform_gives_each_photo_its_own_answer_once(
    here: Any, deployment: Deployment, photos: Path, release_folder: Path,
    expected: dict[str, dict[str, float]], tmp_path: Path,
) -> None:  # fmt: skip
    output = tmp_path / "answers.csv"
    assert transform(photos, release_folder, output) == 1
    assert_answered(output, expected)
    (job,) = jobs(deployment)
    assert job.startswith("chicklearning-dev-") and job.endswith("-1")
    described = here.describe_transform_job(TransformJobName=job)
    assert described["TransformJobStatus"] == "Completed"
    # Again, into another file: no other job, the same answers.
    again = tmp_path / "again.csv"
    assert transform(photos, release_folder, again) == 1
    assert again.read_bytes() == output.read_bytes()
    assert jobs(deployment) == {job}


def test_photos_of_s3_are_transformed_too(
    here: Any, photos: Path, release_folder: Path, expected: dict[str, dict[str, float]],
    tmp_path: Path,
) -> None:  # fmt: skip
    output = tmp_path / "answers.csv"
    assert transform(f"s3://{BUCKET}/some/", release_folder, output) == 1
    assert_answered(output, expected)


def test_answers_that_expired_are_made_anew_by_another_job(
    here: Any, deployment: Deployment, photos: Path, release_folder: Path,
    expected: dict[str, dict[str, float]], tmp_path: Path,
) -> None:  # fmt: skip
    transform(photos, release_folder, tmp_path / "first.csv")
    s3, bucket = deployment.cloud.client("s3"), deployment.output(ARTIFACTS, "BucketName")
    for key in objects(deployment):
        s3.delete_object(Bucket=bucket, Key=key)
    output = tmp_path / "second.csv"
    assert transform(photos, release_folder, output) == 1
    assert_answered(output, expected)
    assert {job.rpartition("-")[2] for job in jobs(deployment)} == {"2"}


@pytest.mark.parametrize("damage", ["swapped", "short", "shifted", "text", "gone"])
def test_answers_of_other_photos_are_refused(
    damage: str, here: Any, deployment: Deployment, photos: Path, release_folder: Path,
    tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    transform(photos, release_folder, tmp_path / "first.csv")
    s3, bucket = deployment.cloud.client("s3"), deployment.output(ARTIFACTS, "BucketName")
    key = max(key for key in objects(deployment) if "/output/" in key and "000014.csv" in key)
    lines = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode().splitlines()
    damaged = {
        "swapped": [lines[1], lines[0], *lines[2:]],
        "short": lines[1:],
        "shifted": [line.partition(",")[2] for line in lines],
        "text": ["<html>", *lines[1:]],
        "gone": [],
    }[damage]
    s3.put_object(Bucket=bucket, Key=key, Body="\n".join(damaged).encode())
    output = tmp_path / "second.csv"
    assert transform(photos, release_folder, output) == 1
    assert "in their order" in capsys.readouterr().err
    assert len(rows_of(output)) == 14  # the shards before it
    s3.put_object(Bucket=bucket, Key=key, Body="\n".join(lines).encode())
    assert transform(photos, release_folder, output) == 1
    assert len(rows_of(output)) == 25


def test_a_transform_by_another_release_is_refused(
    here: Any, photos: Path, other_release_folder: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert transform(photos, other_release_folder, tmp_path / "answers.csv") == 1
    assert f"and {other_release_folder} is {other_release_folder.name}" in capsys.readouterr().err


def test_where_no_photo_can_be_read_nobody_is_asked(
    here: Any, deployment: Deployment, release_folder: Path, tmp_path: Path
) -> None:
    before = jobs(deployment)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "bad.jpg").write_text("no photo")
    output = tmp_path / "answers.csv"
    assert transform(tmp_path / "photos", release_folder, output) == 1
    assert rows_of(output)["bad.jpg"]["error"]
    assert jobs(deployment) == before
