"""The inbox: private, without versions, what is in it ends; and what the Lambda may do there."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stacks.settings import SettingError, settings_of
from tests.infrastructure.conftest import Synth
from tests.infrastructure.test_endpoint import actions_of


def inbox(synth: Synth) -> dict[str, Any]:
    buckets = synth.artifacts.find_resources("AWS::S3::Bucket")
    (found,) = (bucket for name, bucket in buckets.items() if name.startswith("Inbox"))
    return dict(found)


def allowed(synth: Synth) -> dict[str, dict[str, Any]]:
    """Return what the Lambda's role may do, by the Sid of the statement."""
    policies = synth.resources("AWS::IAM::Policy")
    (policy,) = (p for name, p in policies.items() if name.startswith("FunctionRole"))
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    return {statement.get("Sid", ""): statement for statement in statements}


def test_it_is_private_takes_tls_only_and_has_no_versions(dev: Synth) -> None:
    properties = inbox(dev)["Properties"]
    assert "VersioningConfiguration" not in properties
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["BucketEncryption"]
    policies = dev.artifacts.find_resources("AWS::S3::BucketPolicy")
    assert sum("aws:SecureTransport" in json.dumps(policy) for policy in policies.values()) == 2


@pytest.mark.parametrize(("setting", "days"), [({}, 180), ({"feedback_photo_days": "30"}, 30)])
def test_uploads_and_photos_end_and_feedback_does_not(
    synth_with: Callable[..., Synth], setting: dict[str, str], days: int
) -> None:
    rules = inbox(synth_with(**setting))["Properties"]["LifecycleConfiguration"]["Rules"]
    ends = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "Prefix" in rule}
    assert ends == {"uploads/": 1, "feedback-photos/": days}


def test_it_outlives_a_destroy_where_the_releases_do(dev: Synth, prod: Synth) -> None:
    assert inbox(dev)["DeletionPolicy"] == "Delete"
    assert inbox(prod)["DeletionPolicy"] == "Retain"


def test_the_lambda_reads_uploads_adds_feedback_and_does_nothing_else(dev: Synth) -> None:
    of_s3 = {sid: s for sid, s in allowed(dev).items() if "s3:" in json.dumps(s["Action"])}
    rights = {sid: (actions_of(s), json.dumps(s["Resource"])) for sid, s in of_s3.items()}
    assert set(rights) == {"TakeUploads", "KeepFeedback"}
    actions, resource = rights["TakeUploads"]
    assert actions == ["s3:GetObject", "s3:PutObject"] and "/uploads/*" in resource
    actions, resource = rights["KeepFeedback"]
    assert actions == ["s3:PutObject"]
    assert "/feedback/*" in resource and "/feedback-photos/*" in resource
    assert "/uploads" not in resource


def test_the_lambda_and_who_empties_it_are_told_its_name(dev: Synth) -> None:
    assert "InboxBucket" in json.dumps(dev.function["Environment"]["Variables"]["INBOX"])
    assert dev.artifacts.find_outputs("InboxName")


def test_it_is_under_ones_own_key_which_the_lambda_may_use(
    synth_with: Callable[..., Synth],
) -> None:
    locked = synth_with(own_key="true")
    encryption = json.dumps(inbox(locked)["Properties"]["BucketEncryption"])
    assert "aws:kms" in encryption and "KMSMasterKeyID" in encryption
    assert actions_of(allowed(locked)["UseInboxKey"]) == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_pages_that_may_call_the_api_may_upload(synth_with: Callable[..., Synth]) -> None:
    page = "https://shop.example"
    (rule,) = inbox(synth_with(cors_origins=page))["Properties"]["CorsConfiguration"]["CorsRules"]
    assert (rule["AllowedMethods"], rule["AllowedOrigins"]) == (["POST"], [page])
    assert "CorsConfiguration" not in inbox(synth_with())["Properties"]


@pytest.mark.parametrize("days", ["0", "-1", "forever"])
def test_no_days_at_all_are_refused(days: str) -> None:
    with pytest.raises(SettingError, match="-c feedback_photo_days="):
        settings_of("dev", {"feedback_photo_days": days})
