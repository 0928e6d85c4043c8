"""Batch transforms: rows in, rows out, joined and filtered; what fails, and what is refused."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from local_cloud.api_description import SageMakerError
from local_cloud.sagemaker import SageMaker
from local_cloud.transform import Objects
from model_code.features import csv_row
from model_code.release import Release
from tests.local.sagemaker.conftest import IMAGE, ROLE

REQUEST: dict[str, Any] = {
    "TransformJobName": "job",
    "ModelName": "chick",
    "TransformInput": {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in/"}},
        "ContentType": "text/csv",
        "SplitType": "Line",
    },
    "TransformOutput": {
        "S3OutputPath": "s3://bucket/out", "Accept": "text/csv", "AssembleWith": "Line",
    },
    "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
}  # fmt: skip

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def s3(release_folder: Any) -> dict[str, bytes]:
    return {"model.tar.gz": (release_folder / "model.tar.gz").read_bytes()}


@pytest.fixture
def service(s3: dict[str, bytes]) -> SageMaker:
    objects = Objects(
        read=lambda bucket, key: s3.get(key),
        keys=lambda bucket, prefix: sorted(key for key in s3 if key.startswith(prefix)),
        write=lambda bucket, key, body: s3.update({key: body}),
    )
    sagemaker = SageMaker("arn:aws:sagemaker:r:0", objects)
    container = {"Image": IMAGE, "ModelDataUrl": "s3://bucket/model.tar.gz"}
    model = {"ModelName": "chick", "ExecutionRoleArn": ROLE, "PrimaryContainer": container}
    sagemaker.call("CreateModel", model)
    return sagemaker


@pytest.fixture
def run(service: SageMaker) -> Run:
    """Create a job with some members changed, and let it run; return its description."""

    def start(**members: Any) -> dict[str, Any]:
        service.call("CreateTransformJob", {**copy.deepcopy(REQUEST), **members})
        service.transforms.run("job")
        return service.call("DescribeTransformJob", {"TransformJobName": "job"})

    return start


def rows(release: Release) -> list[str]:
    return [csv_row(golden.features) for golden in release.golden]


def table(content: bytes) -> list[list[float]]:
    return [list(map(float, line.split(","))) for line in content.decode().splitlines()]


def scores(s3: dict[str, bytes], release: Release, run: Run) -> list[list[float]]:
    """Return what the model says of the golden photos' rows."""
    s3["in/plain.csv"] = "\n".join(rows(release)).encode()
    assert run()["TransformJobStatus"] == "Completed"
    return table(s3["out/plain.csv.out"])


def test_each_file_becomes_one_of_answers(s3: dict[str, bytes], release: Release, run: Run) -> None:
    s3 |= {"in/a.csv": rows(release)[0].encode(), "in/deep/b.csv": rows(release)[1].encode()}
    said = scores(s3, release, run)
    assert len(said) == 3 and all(sum(row) == pytest.approx(1) for row in said)
    assert table(s3["out/a.csv.out"]) == [said[0]]
    assert table(s3["out/deep/b.csv.out"]) == [said[1]]


@pytest.mark.parametrize("strategy", ["SingleRecord", "MultiRecord"])
def test_a_number_is_kept_from_the_model_and_joined_to_its_answer(
    strategy: str, s3: dict[str, bytes], release: Release, run: Run
) -> None:
    s3["in/a.csv"] = "".join(f"{7 + n},{row}\n" for n, row in enumerate(rows(release))).encode()
    width = len(release.selection) + 1
    filters = {
        "InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": f"$[0,{width}:]",
    }  # fmt: skip
    described = run(DataProcessing=filters, BatchStrategy=strategy, MaxPayloadInMB=1)
    assert described["TransformJobStatus"] == "Completed"
    found = table(s3["out/a.csv.out"])
    assert [row[0] for row in found] == [7, 8, 9]
    assert all(sum(row[1:]) == pytest.approx(1) for row in found)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"1,2,x\n", "415"),
        (b",".join([b"1"] * 5000) + b"\n", "400"),
        (None, "No objects found"),
    ],
)
def test_a_row_that_the_model_refuses_fails_the_job(
    content: bytes | None, reason: str, s3: dict[str, bytes], run: Run
) -> None:
    if content:
        s3["in/a.csv"] = content
    described = run()
    assert described["TransformJobStatus"] == "Failed"
    assert reason in described["FailureReason"]


def test_a_model_without_its_archive_fails_the_job(s3: dict[str, bytes], run: Run) -> None:
    s3.pop("model.tar.gz")
    assert "Could not find model data" in run()["FailureReason"]


def test_a_name_is_taken_for_good(run: Run) -> None:
    run()
    with pytest.raises(SageMakerError, match="must be unique") as caught:
        run()
    assert caught.value.code == "ResourceInUse"


def test_a_job_that_was_stopped_answers_nothing(
    s3: dict[str, bytes], service: SageMaker, release: Release
) -> None:
    s3["in/a.csv"] = rows(release)[0].encode()
    service.call("CreateTransformJob", copy.deepcopy(REQUEST))
    service.call("StopTransformJob", {"TransformJobName": "job"})
    service.transforms.run("job")
    described = service.call("DescribeTransformJob", {"TransformJobName": "job"})
    assert described["TransformJobStatus"] == "Stopped"
    assert "out/a.csv.out" not in s3
    with pytest.raises(SageMakerError, match="in status Stopped"):
        service.call("StopTransformJob", {"TransformJobName": "job"})


def test_a_job_that_is_not_there_is_named(service: SageMaker) -> None:
    with pytest.raises(SageMakerError, match="Could not find requested job with name: no"):
        service.call("DescribeTransformJob", {"TransformJobName": "no"})


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"TransformJobName": "under_score"}, "regular expression"),
        ({"TransformJobName": "x" * 64}, "length less than or equal to 63"),
        ({"TransformResources": {"InstanceType": "ml.m5.large"}}, "InstanceCount"),
        ({"TransformResources": {"InstanceType": "ml.t2.medium", "InstanceCount": 1}}, "enum"),
        ({"DataProcessing": {"InputFilter": "x" * 64}}, "length less than or equal to 63"),
        ({"DataProcessing": {"InputFilter": "$.features"}}, r"\$\.features is not emulated"),
        ({"DataProcessing": {"JoinSource": "Output"}}, "enum"),
        ({"Unknown": 1}, "Unknown parameter"),
        (
            {"TransformOutput": {"S3OutputPath": "s3://bucket/out", "AssembleWith": "Line"}},
            "Accept None is not emulated",
        ),
    ],
)
def test_a_request_that_cannot_be_is_refused(
    members: dict[str, Any], message: str, run: Run
) -> None:
    with pytest.raises(SageMakerError, match=message):
        run(**members)
