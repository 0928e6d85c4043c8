"""Data capture: off unless asked for, readable, in its own prefix, and gone after some days."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stacks.settings import SettingError, settings_of
from tests.infrastructure.conftest import Synth


@pytest.fixture(scope="module")
def capturing(synth_with: Callable[..., Synth]) -> Synth:
    return synth_with(capture_percent="10", capture_days="7")


def lifecycle(synth: Synth) -> Any:
    return synth.releases_bucket["LifecycleConfiguration"]["Rules"]


def put_statements(synth: Synth) -> list[Any]:
    return [
        statement
        for role in synth.resources("AWS::IAM::Role").values()
        for policy in role["Properties"].get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
        if "/captured/" in json.dumps(statement["Resource"])
    ]


def test_nothing_is_captured_unless_asked_for(dev: Synth, prod: Synth) -> None:
    for synth in (dev, prod):
        assert "DataCaptureConfig" not in synth.properties("AWS::SageMaker::EndpointConfig")
        assert not put_statements(synth)


def test_a_share_of_questions_and_answers_is_kept_as_text(capturing: Synth) -> None:
    config = capturing.properties("AWS::SageMaker::EndpointConfig")["DataCaptureConfig"]
    assert config["InitialSamplingPercentage"] == 10
    assert [option["CaptureMode"] for option in config["CaptureOptions"]] == ["Input", "Output"]
    assert "/captured" in json.dumps(config["DestinationS3Uri"])
    assert config["CaptureContentTypeHeader"] == {
        "CsvContentTypes": ["text/csv"],
        "JsonContentTypes": ["application/json"],
    }


def test_the_endpoint_may_add_below_that_prefix_and_nothing_else(capturing: Synth) -> None:
    (statement,) = put_statements(capturing)
    assert statement["Action"] == "s3:PutObject"
    assert json.dumps(statement["Resource"]).endswith('"/captured/*"]]}')


def test_what_was_captured_ends_and_releases_do_not(capturing: Synth, dev: Synth) -> None:
    for synth, days in ((capturing, 7), (dev, 30)):
        (rule,) = [rule for rule in lifecycle(synth) if rule.get("Prefix") == "captured/"]
        assert rule["ExpirationInDays"] == days
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"capture_percent": "101"}, "-c capture_percent=101: Input should be less"),
        ({"capture_percent": "-1"}, "-c capture_percent=-1: Input should be greater"),
        ({"capture_days": "0"}, "-c capture_days=0: Input should be greater"),
        ({"serverless": "true", "capture_percent": "5"}, "-c capture_percent=5: SageMaker capt"),
    ],
)
def test_a_capture_that_cannot_be_is_refused(override: dict[str, str], message: str) -> None:
    with pytest.raises(SettingError) as caught:
        settings_of("dev", override)
    assert message in str(caught.value)
