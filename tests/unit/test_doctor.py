"""The doctor: each fault is told with its mend, and nobody is left waiting."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import NoCredentialsError
from botocore.parsers import ResponseParserError
from botocore.stub import Stubber

from stacks import doctor_account, doctor_checks
from stacks.doctor import ask, examine, main, region
from stacks.doctor_account import ALL_INSTANCES, ALL_SERVERLESS
from stacks.doctor_checks import Check, Finding, Question
from stacks.settings import settings_of

REGION = "ap-northeast-2"
QUOTA = "ml.m4.xlarge for endpoint usage"
TOPIC = f"arn:aws:sns:{REGION}:000000000000:alarms"
CERTIFICATE = f"arn:aws:acm:{REGION}:000000000000:certificate/c"
OWN_NAME: dict[str, Any] = {"domain_name": "chicken.example.com", "certificate_arn": CERTIFICATE}


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

    def quotas(self, *listings: dict[str, float]) -> None:
        """Store the account's quotas, then AWS's defaults."""
        operations = ("list_service_quotas", "list_aws_default_service_quotas")
        for operation, listing in zip(operations, listings, strict=False):
            listed = [{"QuotaName": name, "Value": value} for name, value in listing.items()]
            self.stub("service-quotas").add_response(operation, {"Quotas": listed})


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    yield Aws()


def found(
    check: Check, aws: Aws, folder: Path = Path("nowhere"), stage: str = "dev", **settings: Any
) -> Finding:
    """Return the last thing that a check tells."""
    return all_found(check, aws, folder, stage, **settings)[-1]


def all_found(
    check: Check, aws: Aws, folder: Path = Path("nowhere"), stage: str = "dev", **settings: Any
) -> list[Finding]:
    question = Question(settings_of(stage, settings), folder, REGION, aws.client)
    return list(ask("what", check, question))


@pytest.mark.parametrize(
    ("stage", "settings", "value", "state", "told"),
    [
        ("dev", {}, 2, "ok", "2, and 2 are needed"),
        ("dev", {}, 1, "mend", "1, and 2 are needed while a release goes live"),
        ("dev", {"instance_count": "3"}, 6, "ok", "6, and 6 are needed"),
        # Autoscaling may have brought the old endpoint to four, and the new one starts with two.
        ("prod", {}, 6, "ok", "6, and 6 are needed"),
        ("prod", {}, 5, "mend", "Ask for more: https://console"),
        ("prod", {"max_instances": "0"}, 4, "ok", "4, and 4 are needed"),
    ],
)
def test_the_quota_must_hold_two_endpoints_at_once(
    aws: Aws, stage: str, settings: dict[str, Any], value: float, state: str, told: str
) -> None:
    aws.quotas({QUOTA: value, ALL_INSTANCES: 100})
    finding, all_kinds = all_found(doctor_account.quota, aws, stage=stage, **settings)
    assert (finding.state, all_kinds.state) == (state, "ok")
    assert told in finding.told


def test_instances_of_all_kinds_have_a_quota_too(aws: Aws) -> None:
    aws.quotas({QUOTA: 100, ALL_INSTANCES: 1})
    one_kind, all_kinds = all_found(doctor_account.quota, aws)
    assert (one_kind.state, all_kinds.state) == ("ok", "mend")
    assert "Number of instances across active endpoints: 1, and 2 are needed" in all_kinds.told


def test_where_the_account_has_no_quota_of_its_own_awss_default_counts(aws: Aws) -> None:
    aws.quotas({ALL_INSTANCES: 1}, {QUOTA: 4, ALL_INSTANCES: 100})
    one_kind, all_kinds = all_found(doctor_account.quota, aws)
    assert (one_kind.state, all_kinds.state) == ("ok", "mend")


def test_an_instance_type_that_sagemaker_does_not_have_is_told(aws: Aws) -> None:
    aws.quotas({ALL_INSTANCES: 100}, {ALL_INSTANCES: 100})
    finding, _ = all_found(doctor_account.quota, aws)
    assert finding.state == "mend"
    assert "SageMaker has no ml.m4.xlarge" in finding.told


@pytest.mark.parametrize(("value", "state"), [(10, "ok"), (9, "mend")])
def test_serverless_needs_no_instance_but_answers_at_once(
    aws: Aws, value: float, state: str
) -> None:
    aws.quotas({ALL_SERVERLESS: value})
    (finding,) = all_found(doctor_account.quota, aws, serverless="true")
    assert finding.state == state
    assert f"{value}, and 10 are needed" in finding.told


def test_a_quota_that_aws_does_not_list_is_unknown(aws: Aws) -> None:
    aws.quotas({}, {})
    (finding,) = all_found(doctor_account.quota, aws, serverless="true")
    assert finding.state == "unknown"
    assert "look for it: https://console" in finding.told


@pytest.mark.parametrize(("role", "state"), [("arn:aws:iam::0:role/r", "ok"), (None, "mend")])
def test_access_logs_need_the_accounts_role(aws: Aws, role: str | None, state: str) -> None:
    aws.stub("apigateway").add_response("get_account", {"cloudwatchRoleArn": role} if role else {})
    finding = found(doctor_account.log_role, aws, stage="prod")
    assert finding.state == state
    assert (role or 'cdk deploy --app "python3 -m cdk_app.account"') in finding.told


@pytest.mark.parametrize(
    ("status", "state"), [("ISSUED", "ok"), ("PENDING_VALIDATION", "mend"), ("EXPIRED", "mend")]
)
def test_the_certificate_must_be_issued(aws: Aws, status: str, state: str) -> None:
    answer = {"Certificate": {"CertificateArn": CERTIFICATE, "Status": status}}
    aws.stub("acm").add_response("describe_certificate", answer)
    finding = found(doctor_account.certificate, aws, **OWN_NAME)
    assert finding.state == state
    assert f"{CERTIFICATE} is {status}" in finding.told


def test_a_certificate_that_is_not_there_is_told(aws: Aws) -> None:
    aws.stub("acm").add_client_error("describe_certificate", "ResourceNotFoundException")
    finding = found(doctor_account.certificate, aws, **OWN_NAME)
    assert finding.state == "mend"
    assert f"in {REGION}; request one for chicken.example.com there" in finding.told


def test_the_alarms_topic_must_be_there(aws: Aws) -> None:
    aws.stub("sns").add_response("get_topic_attributes", {}, {"TopicArn": TOPIC})
    assert found(doctor_account.alarm_topic, aws, alarm_topic_arn=TOPIC).state == "ok"


def test_a_topic_that_is_not_there_is_told(aws: Aws) -> None:
    aws.stub("sns").add_client_error("get_topic_attributes", "NotFound")
    finding = found(doctor_account.alarm_topic, aws, alarm_topic_arn=TOPIC)
    assert finding.state == "mend"
    assert f"there is no {TOPIC}; create it" in finding.told


def test_a_topic_of_another_region_is_told_unasked(aws: Aws) -> None:
    elsewhere = TOPIC.replace(REGION, "us-east-1")
    finding = found(doctor_account.alarm_topic, aws, alarm_topic_arn=elsewhere)
    assert finding.state == "mend"
    assert f"is not in {REGION}" in finding.told


@pytest.mark.parametrize(
    "check", [doctor_account.log_role, doctor_account.certificate, doctor_account.alarm_topic]
)
def test_what_the_settings_do_not_need_is_not_asked(aws: Aws, check: Check) -> None:
    assert not all_found(check, aws)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("instance_count=none", "error: -c instance_count=none: Input should be a valid integer"),
        ("max_instances=-1", "error: -c max_instances=-1"),
        ("night_from=20", "error: -c night_until=None: A night has both hours"),
        ("instances=2", "error: -c instances=2: There is no such setting"),
    ],
)
def test_a_setting_that_is_wrong_is_told_before_anything_is_asked(
    setting: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-c", setting]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith(told)


@pytest.mark.parametrize("text", ["instance_count", "stage=prod"])
def test_what_is_no_setting_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--context", text])
    assert caught.value.code == 2
    assert f"{text} is not a setting's name=value" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("version", "state", "told"),
    [
        ("30", "ok", "version 30"),
        ("5", "mend", "cdk bootstrap"),
        ("abc", "mend", "version abc is not 6 or newer: cdk bootstrap"),
    ],
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
        (
            "ROLLBACK_COMPLETE",
            "mend",
            "cdk destroy ChickLearning-prod-Service -c stage=prod -c release=none",
        ),
        ("UPDATE_ROLLBACK_FAILED", "mend", "see its events"),
    ],
)
def test_a_stack_that_is_stuck_is_told(aws: Aws, status: str, state: str, told: str) -> None:
    aws.stack(status)
    finding = found(doctor_checks.service, aws, stage="prod")
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
    aws.stub("s3").add_response("head_bucket", {}, {"Bucket": "b"})
    assert found(doctor_checks.artifacts, aws, release_folder) == Finding(
        "ok", "upload", "not yet: make deploy does it"
    )


def test_a_bucket_that_is_gone_is_told(aws: Aws, release_folder: Path) -> None:
    aws.stack("CREATE_COMPLETE", BucketName="b")
    aws.stub("s3").add_client_error("head_object", "404")
    aws.stub("s3").add_client_error("head_bucket", "404")
    finding = found(doctor_checks.artifacts, aws, release_folder, stage="prod")
    assert (finding.state, finding.what) == ("mend", "upload")
    assert "bucket b is gone" in finding.told
    assert "make destroy STAGE=prod, then make deploy STAGE=prod" in finding.told


def test_an_endpoint_that_is_gone_is_told(aws: Aws) -> None:
    aws.stack("CREATE_COMPLETE", EndpointName="e", ReleaseId="abc")
    aws.stub("sagemaker").add_client_error(
        "describe_endpoint", "ValidationException", 'Could not find endpoint "e".'
    )
    finding = found(doctor_checks.service, aws, stage="prod")
    assert (finding.state, finding.what) == ("mend", "endpoint")
    assert "e is gone" in finding.told
    assert "-Service -c stage=prod -c release=none, then deploy the release again" in finding.told
    assert "make deploy STAGE=prod" in finding.told


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


@pytest.mark.parametrize("code", ["ThrottlingException", "ExpiredToken"])
def test_what_is_no_lack_of_a_permission_is_not_told_as_one(aws: Aws, code: str) -> None:
    aws.stub("cloudformation").add_client_error("describe_stacks", code, "It says why.")
    finding = found(doctor_checks.service, aws)
    assert finding.state == "mend"
    assert "It says why. Check the credentials, the region" in finding.told


def test_an_answer_that_is_not_awss_is_told(aws: Aws) -> None:
    def unreadable(_question: Question) -> Iterator[Finding]:
        raise ResponseParserError("No XML.")

    finding = found(unreadable, aws)
    assert finding.state == "mend"
    assert "No XML. Check the credentials, the region and, if it is set, AWS_END" in finding.told


def test_an_endpoint_url_that_is_none_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "notaurl")
    assert main([]) == 1
    told = {line.split()[1]: line for line in capsys.readouterr().out.splitlines()}
    assert told["credentials"].startswith("MEND")
    assert "Invalid endpoint: notaurl. Check the credentials" in told["credentials"]


@pytest.mark.parametrize(
    "command", [("-m", "stacks.doctor"), ("-m", "cdk_app.app")], ids=["doctor", "synth"]
)
def test_a_profile_that_is_not_there_is_one_line(
    command: tuple[str, str], release_folder: Path, tmp_path: Path
) -> None:
    """In a process of its own, since it is the import of a package that fails."""
    context = {"release": str(release_folder), "stage": "dev"}
    environment = {"AWS_PROFILE": "nope", "CDK_CONTEXT_JSON": json.dumps(context)}
    result = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, **environment, "CDK_OUTDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: The config profile (nope) could not be found. Check AWS_PROFILE")


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
