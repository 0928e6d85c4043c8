"""The alarms: each with threshold, unit, reason and a section in the runbook."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template
from botocore.session import get_session

from cdk_app.app import build
from model_code.release import read_release
from observation import NAMESPACE, UNITS
from stacks.settings import SettingError, settings_of
from tests.infrastructure.conftest import ROOT, Synth

TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:calls"


def alarms(synth: Synth) -> dict[str, dict[str, Any]]:
    """Return the properties of each alarm by its runbook section."""
    around = re.compile(r"^chicklearning-[a-z]+-|-[0-9a-f]{16}$")
    return {
        around.sub("", alarm["Properties"]["AlarmName"]): alarm["Properties"]
        for alarm in synth.resources("AWS::CloudWatch::Alarm").values()
    }


def metrics(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what an alarm looks at, by itself or in an expression."""
    if "Metrics" not in alarm:
        return [alarm]
    return [m["MetricStat"]["Metric"] for m in alarm["Metrics"] if "MetricStat" in m]


def test_each_alarm_tells_threshold_unit_reason_and_what_to_do(dev: Synth) -> None:
    units = get_session().get_service_model("cloudwatch").shape_for("StandardUnit").enum
    for anchor, alarm in alarms(dev).items():
        found = re.fullmatch(
            r"Above ([\d,.]+) (\w+)\. (.+\.) What to do: docs/alarms\.md#([a-z-]+)",
            alarm["AlarmDescription"],
        )
        assert found, alarm["AlarmDescription"]
        threshold, unit, reason, section = found.groups()
        assert float(threshold.replace(",", "")) == alarm["Threshold"]
        assert unit in units
        assert len(reason.split()) > 8
        assert section == anchor


def test_the_runbook_has_one_section_an_alarm(dev: Synth) -> None:
    text = (ROOT / "docs" / "alarms.md").read_text(encoding="utf-8")
    sections = set(re.findall(r"^## ([a-z-]+)$", text, re.MULTILINE))
    assert sections == set(alarms(dev))
    assert set(re.findall(r"\(#([a-z-]+)\)", text)) <= sections


def test_the_runbook_says_which_alarms_roll_back(release_folder: Path) -> None:
    text = (ROOT / "docs" / "alarms.md").read_text(encoding="utf-8")
    said = set(re.findall(r"^## ([a-z-]+)\n\n\*Rolls back", text, re.MULTILINE))
    app = App(context={"release": str(release_folder), "aws:cdk:bundling-stacks": []})
    build(app)
    service: Any = app.node.find_child("ChickLearning-dev-Service")
    rollback = service.node.find_child("Alarms").rollback
    assert {alarm.node.id for alarm in rollback} == said


def test_where_nobody_asks_nothing_is_wrong(dev: Synth) -> None:
    for alarm in alarms(dev).values():
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


def test_a_share_needs_enough_answers(dev: Synth) -> None:
    expressions = {
        anchor: next(m["Expression"] for m in alarm["Metrics"] if "Expression" in m)
        for anchor, alarm in alarms(dev).items()
        if "Metrics" in alarm
    }
    assert expressions == {
        "api-errors": "IF(part >= 3, 100 * part / whole, 0)",
        "unconfident": "IF(whole >= 20, 100 * part / whole, 0)",
    }


def test_the_share_of_unconfident_answers_is_that_of_the_serving_release(
    dev: Synth, release_folder: Path
) -> None:
    release = read_release(release_folder)
    alarm = alarms(dev)["unconfident"]
    for metric in metrics(alarm):
        dimensions = {d["Name"]: d["Value"] for d in metric["Dimensions"]}
        assert dimensions == {"stage": "dev", "release": release.id}
    expected = 100 * (1 - release.metrics["test"]["confident"]["share"])
    assert alarm["Threshold"] == pytest.approx((expected + 100) / 2, abs=0.1)


def test_our_own_metrics_are_those_that_the_lambda_writes(dev: Synth) -> None:
    ours = [m for alarm in alarms(dev).values() for m in metrics(alarm) if is_ours(m)]
    assert {m["MetricName"] for m in ours} == {"OtherRelease", "Unconfident", "Answers"}
    assert {m["MetricName"] for m in ours} <= set(UNITS)


def is_ours(metric: dict[str, Any]) -> bool:
    return bool(metric["Namespace"] == NAMESPACE)


def test_no_alarm_refers_to_the_alias_which_waits_for_it(dev: Synth) -> None:
    (alias,) = dev.resources("AWS::Lambda::Alias")
    (stage,) = dev.resources("AWS::ApiGateway::Stage")
    (api,) = dev.resources("AWS::ApiGateway::RestApi")
    for alarm in alarms(dev).values():
        for logical_id in (alias, stage, api):
            assert f'"{logical_id}"' not in json.dumps(alarm)


def test_without_a_topic_the_alarms_tell_nobody(dev: Synth) -> None:
    assert not any("AlarmActions" in alarm for alarm in alarms(dev).values())


def test_with_a_topic_each_alarm_tells_when_it_begins_and_ends(release_folder: Path) -> None:
    app = App(context={"release": str(release_folder), "alarm_topic_arn": TOPIC})
    build(app)
    service: Any = app.node.find_child("ChickLearning-dev-Service")
    found = Template.from_stack(service).find_resources("AWS::CloudWatch::Alarm")
    assert found
    for alarm in found.values():
        assert alarm["Properties"]["AlarmActions"] == [TOPIC]
        assert alarm["Properties"]["OKActions"] == [TOPIC]


@pytest.mark.parametrize(
    "arn", ["calls", "arn:aws:sqs:ap-northeast-2:123456789012:calls", f"{TOPIC}.fifo"]
)
def test_what_is_no_topic_is_refused(arn: str) -> None:
    with pytest.raises(SettingError, match="-c alarm_topic_arn="):
        settings_of("dev", {"alarm_topic_arn": arn})


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_a_topic_of_any_partition_is_taken(partition: str) -> None:
    arn = TOPIC.replace("arn:aws:", f"arn:{partition}:")
    assert settings_of("prod", {"alarm_topic_arn": arn}).alarm_topic_arn == arn
