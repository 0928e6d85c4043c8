"""One's own key: it rotates, each service has it for its own things, and nobody else has it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk.assertions import Match

from stacks.settings import SettingError, settings_of
from tests.infrastructure.conftest import Synth
from tests.infrastructure.test_endpoint import actions_of, statements

KEY = "AWS::KMS::Key"


@pytest.fixture(scope="module")
def locked(synth_with: Callable[..., Synth]) -> Synth:
    return synth_with(own_key="true", capture_percent="5", access_logs="true")


def key_statements(synth: Synth) -> list[dict[str, Any]]:
    (key,) = synth.artifacts.find_resources(KEY).values()
    found: list[dict[str, Any]] = key["Properties"]["KeyPolicy"]["Statement"]
    return found


def imports_key(value: object) -> bool:
    return "Artifacts:ExportsOutputFnGetAttKey" in json.dumps(value)


def test_there_is_no_key_unless_asked_for(dev: Synth, prod: Synth) -> None:
    for synth in (dev, prod):
        assert not synth.artifacts.find_resources(KEY)
        assert "KmsKeyId" not in synth.properties("AWS::SageMaker::EndpointConfig")


def test_the_key_rotates(locked: Synth) -> None:
    locked.artifacts.has_resource_properties(KEY, {"EnableKeyRotation": True})


def test_the_key_stays_where_the_bucket_stays(synth_with: Callable[..., Synth]) -> None:
    kept = synth_with(own_key="true", keep_releases="true")
    kept.artifacts.has_resource(KEY, {"DeletionPolicy": "Retain"})


def test_releases_rows_disks_logs_and_environment_are_under_it(locked: Synth) -> None:
    locked.artifacts.has_resource_properties(
        "AWS::S3::Bucket",
        {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {
                        "BucketKeyEnabled": True,
                        "ServerSideEncryptionByDefault": {
                            "SSEAlgorithm": "aws:kms",
                            "KMSMasterKeyID": Match.any_value(),
                        },
                    }
                ]
            }
        },
    )
    config = locked.properties("AWS::SageMaker::EndpointConfig")
    assert imports_key(config["KmsKeyId"])
    assert imports_key(config["DataCaptureConfig"]["KmsKeyId"])
    assert imports_key(locked.function["KmsKeyArn"])
    for group in locked.resources("AWS::Logs::LogGroup").values():
        assert imports_key(group["Properties"]["KmsKeyId"])


def test_the_logs_service_has_it_for_this_stages_log_groups_alone(locked: Synth) -> None:
    (logs,) = (s for s in key_statements(locked) if "Service" in s["Principal"])
    assert "logs." in json.dumps(logs["Principal"])
    groups = logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert json.dumps(groups).endswith(':log-group:ChickLearning-dev-*"]]}')


def test_nobody_outside_the_account_has_it(locked: Synth) -> None:
    for statement in key_statements(locked):
        assert statement["Principal"] != "*"
        if "AWS" in statement["Principal"]:
            assert ":root" in json.dumps(statement["Principal"])


def test_the_endpoint_lends_it_to_aws_resources_only(locked: Synth) -> None:
    lending = [s for s in statements(locked) if "kms:CreateGrant" in actions_of(s)]
    (statement,) = lending
    assert statement["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    for statement in statements(locked):
        if any(action.startswith("kms:") for action in actions_of(statement)):
            assert imports_key(statement["Resource"])


def test_the_lambda_may_decrypt_its_environment(locked: Synth) -> None:
    policies = locked.resources("AWS::IAM::Policy").values()
    actions = [
        action
        for policy in policies
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in actions_of(statement)
    ]
    assert "kms:Decrypt" in actions


@pytest.mark.parametrize("instance", ["ml.m5d.large", "ml.g4dn.xlarge", "ml.g5.xlarge"])
def test_an_instance_with_its_own_disks_takes_no_key(instance: str) -> None:
    with pytest.raises(SettingError, match=f"-c instance_type={instance}: SageMaker takes no own"):
        settings_of("dev", {"own_key": "true", "instance_type": instance})
    assert settings_of("dev", {"instance_type": instance})


@pytest.mark.parametrize("instance", ["ml.m4.xlarge", "ml.c5.large", "ml.m6i.large", "ml.t2.large"])
def test_an_instance_without_disks_takes_the_key(instance: str) -> None:
    assert settings_of("dev", {"own_key": "true", "instance_type": instance})
