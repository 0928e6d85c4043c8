"""The transform job: a request that AWS takes, started once, awaited, tried again."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from local_cloud.api_description import check_request
from model_code.batch import job
from model_code.batch.deployed import Deployed, deployed_model
from model_code.batch.job import answered_job, request_of
from model_code.batch.place import Place
from model_code.errors import UserError

MODEL = Deployed("Model-1", "7095baa4b6dd22fd", "bucket", "chicklearning-prod-", None)
NAME = "chicklearning-prod-0123456789abcdef-{}"
FIRST = "000000000.csv.out"


class NoObjects:
    """S3 with the files that a test names, by the job's number."""

    def __init__(self) -> None:
        self.done: set[int] = set()

    def get_paginator(self, _: str) -> "NoObjects":
        return self

    def paginate(self, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803 - boto3's
        prefix = "batch/0123456789abcdef/output/"
        keys = [f"{prefix}{NAME.format(number)}/{FIRST}" for number in self.done]
        return [{"Contents": [{"Key": key} for key in keys if key.startswith(Prefix)]}]


@pytest.fixture
def objects() -> NoObjects:
    return NoObjects()


@pytest.fixture
def place(objects: NoObjects) -> Place:
    return Place("bucket", "batch/0123456789abcdef", objects)


@pytest.fixture
def sagemaker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """Hold each request to botocore's description of the API, and answer as a test says."""
    monkeypatch.setattr(job, "PAUSE", 0)
    with Stubber(boto3.client("sagemaker", region_name="ap-northeast-2")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def absent(sagemaker: Stubber) -> None:
    message = "Could not find requested job with name"
    sagemaker.add_client_error("describe_transform_job", "ValidationException", message)


def described(sagemaker: Stubber, number: int, status: str, **more: str) -> None:
    name, arn = NAME.format(number), "arn:aws:sagemaker:ap-northeast-2:000000000000:transform-job/x"
    known = {
        "TransformJobName": name, "TransformJobArn": arn, "TransformJobStatus": status,
        "ModelName": "Model-1", "CreationTime": 0,
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": ""}}},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }  # fmt: skip
    sagemaker.add_response("describe_transform_job", known | more, {"TransformJobName": name})


def created(sagemaker: Stubber, number: int, place: Place) -> None:
    wanted = request_of(NAME.format(number), MODEL, place, 800)
    arn = "arn:aws:sagemaker:ap-northeast-2:000000000000:transform-job/x"
    sagemaker.add_response("create_transform_job", {"TransformJobArn": arn}, wanted)


def run(sagemaker: Stubber, place: Place) -> str:
    return answered_job(MODEL, place, 800, FIRST, sagemaker.client)


@pytest.mark.parametrize("key", [None, "arn:aws:kms:ap-northeast-2:000000000000:key/0-1"])
def test_the_request_keeps_to_the_patterns_and_lengths_of_the_api(
    key: str | None, place: Place
) -> None:
    request = request_of(NAME.format(999), MODEL._replace(key=key), place, 1280)
    check_request("CreateTransformJob", request)
    assert request["TransformResources"].get("VolumeKmsKeyId") == key


def test_the_number_of_a_row_is_kept_from_the_model_and_put_before_its_answer(
    place: Place,
) -> None:
    request = request_of("a-job", MODEL, place, 800)
    assert request["DataProcessing"] == {
        "InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,801:]",
    }  # fmt: skip


def test_a_job_is_started_and_awaited(sagemaker: Stubber, place: Place) -> None:
    absent(sagemaker)
    created(sagemaker, 1, place)
    for status in ("InProgress", "InProgress", "Completed"):
        described(sagemaker, 1, status)
    assert run(sagemaker, place) == NAME.format(1)


def test_a_job_that_runs_is_awaited_and_not_started_again(sagemaker: Stubber, place: Place) -> None:
    for status in ("InProgress", "InProgress", "Completed"):
        described(sagemaker, 1, status)
    assert run(sagemaker, place) == NAME.format(1)


def test_of_two_runs_that_start_a_job_one_waits_for_the_others(
    sagemaker: Stubber, place: Place
) -> None:
    absent(sagemaker)
    sagemaker.add_client_error("create_transform_job", "ResourceInUse")
    described(sagemaker, 1, "Completed")
    assert run(sagemaker, place) == NAME.format(1)


def test_answers_that_are_there_are_used(
    sagemaker: Stubber, place: Place, objects: NoObjects
) -> None:
    objects.done = {1}
    for _ in range(2):
        described(sagemaker, 1, "Completed")
    assert run(sagemaker, place) == NAME.format(1)


def test_after_failed_stopped_and_expired_ones_comes_another(
    sagemaker: Stubber, place: Place
) -> None:
    for number, status in enumerate(("Failed", "Stopped", "Stopping", "Completed"), 1):
        described(sagemaker, number, status)
    absent(sagemaker)
    created(sagemaker, 5, place)
    described(sagemaker, 5, "Completed")
    assert run(sagemaker, place) == NAME.format(5)


def test_the_answers_of_the_tenth_job_are_not_those_of_the_first(
    sagemaker: Stubber, place: Place, objects: NoObjects
) -> None:
    objects.done = {10}
    described(sagemaker, 1, "Completed")  # and expired
    absent(sagemaker)
    created(sagemaker, 2, place)
    described(sagemaker, 2, "Completed")
    assert run(sagemaker, place) == NAME.format(2)


@pytest.mark.parametrize(
    ("status", "reason", "told"),
    [
        ("Failed", {"FailureReason": "ClientError: no rows."}, "ClientError: no rows. Its log"),
        ("Stopped", {}, "it is Stopped"),
    ],
)
def test_a_job_that_ends_badly_is_told(
    status: str, reason: dict[str, str], told: str, sagemaker: Stubber, place: Place
) -> None:
    absent(sagemaker)
    created(sagemaker, 1, place)
    described(sagemaker, 1, status, **reason)
    with pytest.raises(UserError, match=told):
        run(sagemaker, place)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceLimitExceeded"])
def test_a_refusal_is_passed_on(code: str, sagemaker: Stubber, place: Place) -> None:
    absent(sagemaker)
    sagemaker.add_client_error("create_transform_job", code, "A quota, perhaps")
    with pytest.raises(UserError, match=r"Could not start transform job .*A quota, perhaps"):
        run(sagemaker, place)


def test_what_is_no_endpoint_of_ours_is_refused(sagemaker: Stubber) -> None:
    arn, time = "arn:aws:sagemaker:ap-northeast-2:000000000000:endpoint/x", 0
    sagemaker.add_response(
        "describe_endpoint",
        {
            "EndpointName": "theirs", "EndpointArn": arn, "EndpointConfigName": "config",
            "EndpointStatus": "InService", "CreationTime": time, "LastModifiedTime": time,
        },
    )  # fmt: skip
    variants = [{"VariantName": "AllTraffic", "ModelName": "model"}]
    sagemaker.add_response(
        "describe_endpoint_config",
        {
            "EndpointConfigName": "config", "EndpointConfigArn": arn, "CreationTime": time,
            "ProductionVariants": variants,
        },
    )  # fmt: skip
    model = {"ModelName": "model", "ModelArn": arn, "CreationTime": time}
    container = {"Image": "x", "ModelDataUrl": "s3://bucket/some/model.tar.gz"}
    sagemaker.add_response("describe_model", {**model, "PrimaryContainer": container})
    with pytest.raises(UserError, match="no release of this project"):
        deployed_model("theirs", sagemaker.client)
