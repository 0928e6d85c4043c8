"""The doctor: each fault is told with its mend, and nobody is left waiting."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import NoCredentialsError
from botocore.stub import Stubber

from stacks import doctor_checks
from stacks.doctor import ask, examine, main, region
from stacks.doctor_checks import Check, Finding, Question
from stacks.settings import settings_of

REGION = "ap-northeast-2"
QUOTA = "ml.m4.xlarge for endpoint usage"


class Aws:
    """Clients with answers in store, as AWS would give them."""

    def __init__(self) -> None:
        self.stubs: dict[str, tuple[Any, Stubber]] = {}

    def stub(self, service: str) -> Stubber:
        if service not in self.stubs:
            client = boto3.client(service, region_name=REGION)
            self.stubs[service] = client, Stubber(client)
            self.stubs[service][1].activate()
        return self.stubs[service][1]

    def client(self, service: str) -> Any:
        return self.stubs[service][0]

    def stack(self, status: str, **outputs: str) -> None:
        found = {
            "StackName": "s",
            "StackStatus": status,
            "CreationTime": "2026-11-01",
            "Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in outputs.items()],
        }
        self.stub("cloudformation").add_response("describe_stacks", {"Stacks": [found]})

    def endpoint(self, status: str) -> None:
        times = {"CreationTime": "2026-11-01", "LastModifiedTime": "2026-11-01"}
        arn = "arn:aws:sagemaker:ap-northeast-2:000000000000:endpoint/e"
        named = {"EndpointName": "e", "EndpointArn": arn, "EndpointStatus": status}
        self.stub("sagemaker").add_response("describe_endpoint", {**named, **times})

    def quotas(self, *values: float) -> None:
        """Store the account's quotas, then AWS's defaults, of as many values as there are."""
        operations = ("list_service_quotas", "list_aws_default_service_quotas")
        for operation, value in zip(operations, (*values, None)[:2], strict=False):
            listed = [] if value is None or value < 0 else [{"QuotaName": QUOTA, "Value": value}]
            self.stub("service-quotas").add_response(operation, {"Quotas": listed})


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    yield Aws()


def found(check: Check, aws: Aws, folder: Path = Path("nowhere"), stage: str = "dev") -> Finding:
    """Return the last thing that a check tells."""
    question = Question(settings_of(stage, {}), folder, REGION, aws.client)
    return list(ask("what", check, question))[-1]


@pytest.mark.parametrize(
    ("stage", "values", "state", "told"),
    [
        ("dev", [2], "ok", "2, and 2 are needed"),
        ("prod", [4], "ok", "4, and 4 are needed"),
        ("prod", [3], "mend", "3, and 4 are needed: https://console"),
        ("dev", [0], "mend", "0, and 2 are needed"),
        ("dev", [-1, 4], "ok", "4, and 2 are needed"),  # AWS's default
        ("dev", [-1, -1], "mend", "SageMaker has no ml.m4.xlarge"),
    ],
)
def test_the_quota_must_hold_two_endpoints_at_once(
    aws: Aws, stage: str, values: list[float], state: str, told: str
) -> None:
    aws.quotas(*values)
    finding = found(doctor_checks.quota, aws, stage=stage)
    assert finding.state == state
    assert told in finding.told


@pytest.mark.parametrize(
    ("version", "state", "told"), [("30", "ok", "version 30"), ("5", "mend", "cdk bootstrap")]
)
def test_the_bootstrap_must_be_new_enough(aws: Aws, version: str, state: str, told: str) -> None:
    aws.stub("ssm").add_response("get_parameter", {"Parameter": {"Value": version}})
    finding = found(doctor_checks.bootstrap, aws)
    assert finding.state == state
    assert told in finding.told


def test_an_account_that_was_not_bootstrapped_gets_the_command(aws: Aws) -> None:
    aws.stub("ssm").add_client_error("get_parameter", "ParameterNotFound")
    finding = found(doctor_checks.bootstrap, aws)
    assert (finding.state, finding.told) == (
        "mend",
        f"not done in {REGION}: cdk bootstrap -c release=none",
    )


@pytest.mark.parametrize(
    ("status", "state", "told"),
    [
        ("UPDATE_COMPLETE", "ok", "UPDATE_COMPLETE"),
        ("ROLLBACK_COMPLETE", "mend", "cdk destroy ChickLearning-dev-Service"),
        ("UPDATE_ROLLBACK_FAILED", "mend", "see its events"),
    ],
)
def test_a_stack_that_is_stuck_is_told(aws: Aws, status: str, state: str, told: str) -> None:
    aws.stack(status)
    finding = found(doctor_checks.service, aws)
    assert finding.state == state
    assert told in finding.told


def test_a_stack_that_is_not_there_is_no_fault(aws: Aws) -> None:
    aws.stub("cloudformation").add_client_error(
        "describe_stacks", "ValidationError", "Stack with id s does not exist"
    )
    assert found(doctor_checks.service, aws).state == "ok"


@pytest.mark.parametrize(("status", "state"), [("InService", "ok"), ("Failed", "mend")])
def test_the_endpoint_is_told_with_its_release(aws: Aws, status: str, state: str) -> None:
    aws.stack("CREATE_COMPLETE", EndpointName="e", ReleaseId="abc")
    aws.endpoint(status)
    finding = found(doctor_checks.service, aws)
    assert (finding.what, finding.state) == ("endpoint", state)
    assert f"e is {status}" in finding.told


def test_a_release_that_is_not_uploaded_is_no_fault(aws: Aws, release_folder: Path) -> None:
    aws.stack("CREATE_COMPLETE", BucketName="b")
    aws.stub("s3").add_client_error("head_object", "404")
    assert found(doctor_checks.artifacts, aws, release_folder) == Finding(
        "ok", "upload", "not yet: make deploy does it"
    )


def test_a_release_that_is_missing_is_told_with_the_command(aws: Aws) -> None:
    finding = found(doctor_checks.release, aws)
    assert finding.state == "mend"
    assert "python -m model_code train" in finding.told


@pytest.mark.parametrize("check", [doctor_checks.artifacts, doctor_checks.service])
def test_what_aws_refuses_is_told(aws: Aws, check: Check) -> None:
    aws.stub("cloudformation").add_client_error("describe_stacks", "AccessDenied", "You may not.")
    finding = found(check, aws)
    assert finding.state == "mend"
    assert "You may not. Use credentials that permit it." in finding.told


def test_without_credentials_the_account_is_not_asked() -> None:
    def client(service: str) -> Any:
        assert service == "sts"
        raise NoCredentialsError

    question = Question(settings_of("dev", {}), Path("nowhere"), REGION, client)
    assert list(examine(question))[-1] == Finding(
        "unknown", "account", "not asked: it takes credentials"
    )


def test_a_region_without_the_image_is_told(aws: Aws) -> None:
    question = Question(settings_of("dev", {}), Path("nowhere"), "moon-1", aws.client)
    (finding,) = doctor_checks.image(question)
    assert finding.state == "mend"
    assert REGION in finding.told


@pytest.mark.parametrize(
    ("cdks", "ours", "state", "told"),
    [
        ("eu-west-1", "eu-west-1", "ok", "eu-west-1"),
        ("", "eu-west-1", "ok", "eu-west-1"),
        ("eu-west-1", None, "mend", "export AWS_DEFAULT_REGION=eu-west-1"),
        ("eu-west-1", "us-east-1", "mend", "the uploads go to us-east-1"),
    ],
)
def test_cdk_and_boto_must_mean_the_same_region(
    cdks: str, ours: str | None, state: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", cdks)
    finding = region(ours)
    assert finding.state == state
    assert told in finding.told


def test_without_a_region_it_says_how_to_set_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if "REGION" in name]:
        monkeypatch.delenv(name)
    assert main([]) == 1
    assert capsys.readouterr().out.startswith("MEND  region")


def test_where_nobody_answers_it_ends_soon(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    start = time.monotonic()
    assert main([]) == 1
    assert time.monotonic() - start < 20  # two tries, and a pause between
    assert "MEND  credentials" in capsys.readouterr().out
