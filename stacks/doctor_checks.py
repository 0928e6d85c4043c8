"""What a deployment needs and what is already there, one question a function."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from botocore.exceptions import ClientError

from model_code import aws
from model_code.release import CONTAINER_VERSION, DOCUMENT, S3_PREFIX, ReleaseError, read_release
from stacks.settings import Settings, stack_name

BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"  # where `cdk bootstrap` writes its version
BOOTSTRAP_VERSION = 6  # the least that the CDK's stacks ask for


class Finding(NamedTuple):
    """An answer: `ok`, something to mend, or what could not be asked here."""

    state: Literal["ok", "mend", "unknown"]
    what: str
    told: str


class Question(NamedTuple):
    """What is looked at."""

    settings: Settings
    folder: Path  # the release
    region: str
    client: Callable[[str], Any]  # service -> boto3 client


Check = Callable[[Question], Iterator[Finding]]


def image(question: Question) -> Iterator[Finding]:
    """Ask whether AWS keeps the container in this region."""
    from sagemaker.core import image_uris  # which opens a session with AWS, and that may fail

    try:
        yield Finding(
            "ok",
            "image",
            image_uris.retrieve("xgboost", question.region, version=CONTAINER_VERSION),
        )
    except ValueError as error:
        yield Finding(
            "mend",
            "image",
            f"{error} Choose such a region: export AWS_REGION=... AWS_DEFAULT_REGION=...",
        )


def release(question: Question) -> Iterator[Finding]:
    """Ask whether the release would answer rightly."""
    try:
        yield Finding("ok", "release", f"{read_release(question.folder).id} keeps the contract")
    except (ReleaseError, OSError) as error:
        yield Finding("mend", "release", str(error))


def credentials(question: Question) -> Iterator[Finding]:
    """Ask who is asking."""
    identity = question.client("sts").get_caller_identity()
    yield Finding("ok", "credentials", f"account {identity['Account']}, {identity['Arn']}")


def bootstrap(question: Question) -> Iterator[Finding]:
    """Ask whether the account was prepared for the CDK in this region."""
    command = "cdk bootstrap -c release=none"
    try:
        parameter = question.client("ssm").get_parameter(Name=BOOTSTRAP)["Parameter"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise
        yield Finding("mend", "bootstrap", f"not done in {question.region}: {command}")
        return
    version = parameter["Value"]
    if not version.isdecimal() or int(version) < BOOTSTRAP_VERSION:
        told = f"version {version} is not {BOOTSTRAP_VERSION} or newer: {command}"
        yield Finding("mend", "bootstrap", told)
    else:
        yield Finding("ok", "bootstrap", f"version {version}")


def artifacts(question: Question) -> Iterator[Finding]:
    """Ask whether the bucket is there, and the release in it."""
    name = stack_name(question.settings.stage, "Artifacts")
    stack = _stack(question, name)
    yield _stack_finding(name, stack, question.settings.stage)
    if stack is None or "BucketName" not in aws.outputs(stack):
        return
    try:
        key = f"{S3_PREFIX}/{read_release(question.folder).id}/{DOCUMENT}"
    except (ReleaseError, OSError):
        return  # told already
    s3, bucket = question.client("s3"), aws.outputs(stack)["BucketName"]
    if _is_there(lambda: s3.head_object(Bucket=bucket, Key=key)):
        yield Finding("ok", "upload", f"{key} is in the bucket")
    elif _is_there(lambda: s3.head_bucket(Bucket=bucket)):
        yield Finding("ok", "upload", "not yet: make deploy does it")
    else:
        told = f"bucket {bucket} is gone, and a deploy does not make it again"
        stage = question.settings.stage
        again = f"make destroy STAGE={stage}, then make deploy STAGE={stage}"
        yield Finding("mend", "upload", f"{told}: {again}")


def _is_there(head: Callable[[], Any]) -> bool:
    try:
        head()
    except ClientError as error:
        if error.response["Error"]["Code"] != "404":
            raise
        return False
    return True


def service(question: Question) -> Iterator[Finding]:
    """Ask what is served."""
    name = stack_name(question.settings.stage, "Service")
    stack = _stack(question, name)
    stage = question.settings.stage
    yield _stack_finding(name, stack, stage)
    outputs = {} if stack is None else aws.outputs(stack)
    if "EndpointName" not in outputs:
        return
    endpoint, serves = outputs["EndpointName"], f"serves release {outputs.get('ReleaseId')}"
    try:
        found = question.client("sagemaker").describe_endpoint(EndpointName=endpoint)
    except ClientError as error:
        if "Could not find" not in str(error):
            raise
        told = f"{endpoint} is gone, which CloudFormation does not see. Remove the stack"
        again = f"then deploy the release again (make deploy STAGE={stage}); the URL changes"
        yield Finding("mend", "endpoint", f"{told}: {_removal(name, stage)}, {again}")
        return
    status, reason = found["EndpointStatus"], found.get("FailureReason", "")
    if status in ("InService", "Updating", "Creating"):
        yield Finding("ok", "endpoint", f"{endpoint} is {status}, {serves}")
    else:
        told = f"{endpoint} is {status} {reason}".strip()
        again = f"deploy the release again (make deploy STAGE={stage})"
        yield Finding("mend", "endpoint", f"{told}: {again}")


def _stack(question: Question, name: str) -> dict[str, Any] | None:
    try:
        (found,) = question.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return dict(found)


def _removal(name: str, stage: str) -> str:
    return f"cdk destroy {name} -c stage={stage} -c release=none"


def _stack_finding(name: str, stack: dict[str, Any] | None, stage: str) -> Finding:
    if stack is None:
        return Finding("ok", name, "not deployed yet: make deploy does it")
    status = stack["StackStatus"]
    if status == "ROLLBACK_COMPLETE":
        told = f"its creation failed; remove it first: {_removal(name, stage)}"
        return Finding("mend", name, told)
    if status.endswith("_FAILED"):
        return Finding(
            "mend", name, f"is {status}: {stack.get('StackStatusReason', 'see its events')}"
        )
    return Finding("ok", name, status)
