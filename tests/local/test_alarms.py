"""The deployed alarms on the local cloud, those over several metrics too."""

from tests.local.conftest import Deployment

PREFIX = "chicklearning-dev-"


def test_every_alarm_is_there_and_its_state_can_be_set(deployment: Deployment) -> None:
    cloudwatch = deployment.cloud.client("cloudwatch")
    found = cloudwatch.describe_alarms(AlarmNamePrefix=PREFIX)["MetricAlarms"]
    names = {alarm["AlarmName"].removeprefix(PREFIX) for alarm in found}
    assert {"api-errors", "api-latency", "lambda-errors", "other-release", "unconfident"} <= names
    name = f"{PREFIX}unconfident"
    for state in ("ALARM", "OK"):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        assert alarm["StateValue"] == state
