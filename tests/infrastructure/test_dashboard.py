"""The dashboard: one page that CloudWatch can read, of metrics that somebody sends."""

import itertools
import json
import re
from collections.abc import Callable
from typing import Any

from observation import NAMESPACE, UNITS
from tests.infrastructure.conftest import Synth

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
# https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
SENT = {
    NAMESPACE: set(UNITS),
    "AWS/ApiGateway": {"4XXError", "5XXError", "Count", "IntegrationLatency", "Latency"},
    "AWS/Lambda": {"Duration", "Errors", "Invocations", "Throttles"},
    "AWS/SageMaker": {"Invocation5XXErrors", "Invocations", "ModelLatency", "OverheadLatency"},
}


def widgets(synth: Synth) -> list[dict[str, Any]]:
    """Return the widgets; what is known at the deploy alone stands there as `<...>`."""
    body = synth.properties("AWS::CloudWatch::Dashboard")["DashboardBody"]
    parts = body["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else "<known later>" for part in parts)
    found: list[dict[str, Any]] = json.loads(text)["widgets"]
    return found


def of_type(synth: Synth, kind: str) -> list[dict[str, Any]]:
    return [widget["properties"] for widget in widgets(synth) if widget["type"] == kind]


def test_it_asks_four_questions_and_answers_each(dev: Synth) -> None:
    rows = [
        [widget["type"] for widget in row]
        for _, row in itertools.groupby(widgets(dev), key=lambda widget: widget["y"])
    ]
    assert rows == [
        ["text"], ["alarm", "metric"],
        ["text"], ["metric", "metric"],
        ["text"], ["metric", "log"],
        ["text"], ["text", "metric"],
    ]  # fmt: skip
    questions = [t["markdown"] for t in of_type(dev, "text") if t["markdown"].startswith("##")]
    assert questions == [
        "## Is it up?", "## Is it fast?", "## Is it right?", "## What does it cost?",
    ]  # fmt: skip


def test_the_widgets_fill_their_rows(dev: Synth) -> None:
    for _, row in itertools.groupby(widgets(dev), key=lambda widget: widget["y"]):
        edge = 0
        for widget in row:
            assert widget["x"] == edge
            edge += widget["width"]
        assert edge == 24


def test_it_shows_metrics_that_are_sent(dev: Synth) -> None:
    shown = [line for widget in of_type(dev, "metric") for line in widget["metrics"]]
    metrics = [line for line in shown if isinstance(line[0], str)]
    assert metrics
    for namespace, name, *_ in metrics:
        assert name in SENT[namespace]


def test_each_expression_knows_its_metrics(dev: Synth) -> None:
    for widget in of_type(dev, "metric"):
        options = [line[-1] for line in widget["metrics"] if isinstance(line[-1], dict)]
        ids = {option["id"] for option in options if "id" in option}
        for expression in (o["expression"] for o in options if "expression" in o):
            assert set(re.findall(r"\b[a-z]+\b", expression)) <= ids


def test_every_alarm_is_on_it(dev: Synth) -> None:
    (status,) = of_type(dev, "alarm")
    assert len(status["alarms"]) == len(dev.resources("AWS::CloudWatch::Alarm"))


def test_the_brands_come_from_what_the_lambda_logs(dev: Synth) -> None:
    (table,) = of_type(dev, "log")
    assert "by release, brand" in table["query"]
    assert set(re.findall(r"\b[A-Z][a-z]\w+", table["query"])) <= set(UNITS)


def test_it_tells_the_hours_that_are_billed(dev: Synth, prod: Synth) -> None:
    for synth, cost in (
        (dev, "**730 instance hours a month**: 1 x ml.m4.xlarge"),
        (prod, "**1,460 to 2,920 instance hours a month**: 2 to 4 x ml.m4.xlarge"),
    ):
        assert cost in what_is_billed(synth)


def what_is_billed(synth: Synth) -> str:
    return str(of_type(synth, "text")[-1]["markdown"])


def test_a_night_lowers_the_hours_that_are_billed(synth_with: Callable[..., Synth]) -> None:
    scaled = {"instance_count": "2", "max_instances": "4", "throttle_rate": "200"}
    told = what_is_billed(synth_with(night_from="20", night_until="8", **scaled))
    assert "**1,095 to 2,920 instance hours" in told
    assert "1 or more from 20 to 8 UTC" in told


def test_a_serverless_stage_has_no_hours(synth_with: Callable[..., Synth]) -> None:
    told = what_is_billed(synth_with(serverless="true"))
    assert told == "**No instance**: serverless, 2048 MB. All is by use."


def test_it_has_the_name_of_its_stage(dev: Synth, prod: Synth) -> None:
    names = [s.properties("AWS::CloudWatch::Dashboard")["DashboardName"] for s in (dev, prod)]
    assert names == ["chicklearning-dev", "chicklearning-prod"]
