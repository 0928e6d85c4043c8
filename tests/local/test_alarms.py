"""The deployed alarms and dashboard on the local cloud, alarms over several metrics too."""

import json

from tests.local.conftest import SERVICE, Deployment

NAME = "chicklearning-dev"


def test_every_alarm_is_there_and_its_state_can_be_set(deployment: Deployment) -> None:
    cloudwatch = deployment.cloud.client("cloudwatch")
    found = cloudwatch.describe_alarms(AlarmNamePrefix=f"{NAME}-")["MetricAlarms"]
    names = {alarm["AlarmName"].removeprefix(f"{NAME}-") for alarm in found}
    assert {"api-errors", "api-latency", "lambda-errors", "other-release", "unconfident"} <= names
    name = f"{NAME}-unconfident"
    for state in ("ALARM", "OK"):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        assert alarm["StateValue"] == state


def test_the_dashboard_shows_what_is_deployed(deployment: Deployment) -> None:
    cloudwatch = deployment.cloud.client("cloudwatch")
    body = cloudwatch.get_dashboard(DashboardName=NAME)["DashboardBody"]
    widgets = {widget["type"]: widget["properties"] for widget in json.loads(body)["widgets"]}
    alarms = cloudwatch.describe_alarms(AlarmNamePrefix=f"{NAME}-")["MetricAlarms"]
    assert set(widgets["alarm"]["alarms"]) == {alarm["AlarmArn"] for alarm in alarms}
    groups = deployment.cloud.client("logs").describe_log_groups()["logGroups"]
    assert any(f"'{group['logGroupName']}'" in widgets["log"]["query"] for group in groups)
    assert deployment.output(SERVICE, "EndpointName") in body
