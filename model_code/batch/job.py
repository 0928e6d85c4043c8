"""One SageMaker Batch Transform: created once, awaited by each run that needs it."""

import time
from collections.abc import Callable
from itertools import count
from typing import Any

from botocore.exceptions import ClientError

from model_code.aws import aws_errors
from model_code.batch.deployed import Deployed
from model_code.batch.place import Place
from model_code.batch.shards import INPUT
from model_code.errors import UserError
from model_code.progress import countdown

PAUSE = 15  # s between two looks at a job, which takes some minutes to start
# Scoring a row takes a fraction of a millisecond; the smallest one will do.
INSTANCE = "ml.m5.large"


def answered_job(
    model: Deployed, place: Place, num_feature: int, first: str, sagemaker: Any
) -> str:
    """Return the name of the job that answered; its answers are in `output/<name>`.

    One that runs is awaited. A name is taken for good, so one that failed before, or whose
    answers have expired, is followed by one with the next number. `first` is a file that has
    to be among the answers.

    Raises
    ------
    UserError
        It failed or was stopped.
    """
    digest = place.prefix.rpartition("/")[2]
    for attempt in count(1):
        name = f"{model.stage}{digest}-{attempt}"
        there = _describe(name, sagemaker)
        if there is None:
            _create(request_of(name, model, place, num_feature), sagemaker)
        elif _is_over(there) or (_is_done(there) and first not in place.names(output(name))):
            continue
        _wait(name, sagemaker, lambda: len(list(place.names(output(name)))))  # noqa: B023 - at once
        return name
    raise AssertionError  # there is always a next number


def output(name: str) -> str:
    """Name the folder of a job's answers."""
    return f"output/{name}"


def request_of(name: str, model: Deployed, place: Place, num_feature: int) -> dict[str, Any]:
    """Describe the job: each row's number is kept from the model and put before its answer.

    https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
    """
    disk = {"VolumeKmsKeyId": model.key} if model.key else {}
    source = {"S3DataType": "S3Prefix", "S3Uri": place.url(INPUT)}
    return {
        "TransformJobName": name,
        "ModelName": model.name,
        "BatchStrategy": "MultiRecord",
        "MaxPayloadInMB": 6,  # what the container takes
        "TransformInput": {
            "DataSource": {"S3DataSource": source},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": place.url(output(name)),
            "Accept": "text/csv",
            "AssembleWith": "Line",
        },
        "DataProcessing": {
            "InputFilter": "$[1:]",
            "JoinSource": "Input",
            "OutputFilter": f"$[0,{num_feature + 1}:]",
        },
        "TransformResources": {"InstanceType": INSTANCE, "InstanceCount": 1, **disk},
    }


def _describe(name: str, sagemaker: Any) -> dict[str, Any] | None:
    with aws_errors(f"read transform job {name}"):
        try:
            return dict(sagemaker.describe_transform_job(TransformJobName=name))
        except ClientError as error:
            if "could not find" not in str(error).lower():  # it has no code of its own
                raise
            return None


def _create(request: dict[str, Any], sagemaker: Any) -> None:
    with aws_errors(f"start transform job {request['TransformJobName']}"):
        try:
            sagemaker.create_transform_job(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceInUse":  # another run was first
                raise


def _is_over(job: dict[str, Any]) -> bool:
    return job["TransformJobStatus"] in ("Failed", "Stopping", "Stopped")


def _is_done(job: dict[str, Any]) -> bool:
    return bool(job["TransformJobStatus"] == "Completed")


def _wait(name: str, sagemaker: Any, finished: Callable[[], int]) -> None:
    with countdown(name, None) as tell:
        while not _is_done(job := _describe(name, sagemaker) or {"TransformJobStatus": "Stopped"}):
            if _is_over(job):
                why = job.get("FailureReason") or f"it is {job['TransformJobStatus']}"
                raise UserError(
                    f"Transform job {name} gave no answers: {why.rstrip('.')}. Its log is in "
                    "/aws/sagemaker/TransformJobs. Run again for another try."
                )
            tell(f"{job['TransformJobStatus']}, {finished()} files answered")
            time.sleep(PAUSE)
