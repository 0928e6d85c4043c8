"""A change of the instances: new ones beside the old, watched, and back on an alarm."""

from collections.abc import Callable
from typing import Any

from tests.infrastructure.conftest import Synth

ALARM = "AWS::CloudWatch::Alarm"


def endpoint_alarms(synth: Synth) -> dict[str, dict[str, Any]]:
    """Return the alarms that watch a change, by metric."""
    found = (alarm["Properties"] for alarm in synth.resources(ALARM).values())
    return {a["MetricName"]: a for a in found if a.get("Namespace") == "AWS/SageMaker"}


def policy(synth: Synth) -> Any:
    config = synth.properties("AWS::SageMaker::Endpoint")["DeploymentConfig"]
    return config["BlueGreenUpdatePolicy"]


def test_alarms_watch_the_endpoint_and_variant_of_the_release(dev: Synth) -> None:
    endpoint = dev.properties("AWS::SageMaker::Endpoint")["EndpointName"]
    (variant,) = dev.properties("AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    for alarm in endpoint_alarms(dev).values():
        dimensions = {d["Name"]: d["Value"] for d in alarm["Dimensions"]}
        assert dimensions == {"EndpointName": endpoint, "VariantName": variant["VariantName"]}
        assert alarm["TreatMissingData"] == "notBreaching"  # a quiet night is not an alarm


def test_thresholds_are_in_the_units_of_sagemaker(dev: Synth) -> None:
    alarms = endpoint_alarms(dev)
    assert 0 < alarms["Invocation5XXErrors"]["Threshold"] < 1  # a share: 1 a failed request
    assert alarms["ModelLatency"]["Threshold"] == 500_000  # microseconds
    assert {alarm["Statistic"] for alarm in alarms.values()} == {"Average"}


def test_an_update_goes_back_on_any_of_the_alarms(dev: Synth) -> None:
    config = dev.properties("AWS::SageMaker::Endpoint")["DeploymentConfig"]
    watched = {alarm["AlarmName"]["Ref"] for alarm in config["AutoRollbackConfiguration"]["Alarms"]}
    alarms = dev.resources(ALARM)
    assert {alarms[name]["Properties"]["MetricName"] for name in watched} == {
        "Invocation5XXErrors",
        "ModelLatency",
    }


def test_sagemaker_may_look_at_these_alarms_alone(dev: Synth) -> None:
    statements = [
        statement
        for role in dev.resources("AWS::IAM::Role").values()
        for policy in role["Properties"].get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "cloudwatch:DescribeAlarms"
        and role["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
        == {"Service": "sagemaker.amazonaws.com"}
    ]
    (statement,) = statements
    assert {arn["Fn::GetAtt"][0] for arn in statement["Resource"]} <= set(dev.resources(ALARM))


def test_several_instances_get_half_of_the_traffic_first(prod: Synth) -> None:
    routing = policy(prod)["TrafficRoutingConfiguration"]
    assert routing["Type"] == "CANARY"
    assert routing["CanarySize"] == {"Type": "CAPACITY_PERCENT", "Value": 50}
    assert routing["WaitIntervalInSeconds"] >= 180  # the alarms need two bad minutes


def test_a_single_instance_changes_at_once_and_stays_a_while(dev: Synth) -> None:
    routing = policy(dev)["TrafficRoutingConfiguration"]
    assert routing["Type"] == "ALL_AT_ONCE"
    assert "CanarySize" not in routing
    assert policy(dev)["TerminationWaitInSeconds"] >= 180


def test_sagemaker_gives_up_later_than_it_watches(synth_with: Callable[..., Synth]) -> None:
    longest = policy(synth_with(watch_seconds="1800"))
    assert longest["TerminationWaitInSeconds"] == 1800
    assert 2 * 1800 < longest["MaximumExecutionTimeoutInSeconds"] <= 28800  # SageMaker's limit


def test_nothing_is_watched_where_an_alarm_would_take_its_own_mend_back(
    synth_with: Callable[..., Synth],
) -> None:
    config = synth_with(watch_seconds="0").properties("AWS::SageMaker::Endpoint")[
        "DeploymentConfig"
    ]
    assert "AutoRollbackConfiguration" not in config
    assert config["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] == 0


def test_alarms_belong_to_a_release_so_that_the_old_endpoint_keeps_its_own(dev: Synth) -> None:
    (variant,) = dev.properties("AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    for alarm in endpoint_alarms(dev).values():
        assert alarm["AlarmName"].endswith(f"-{variant['VariantName']}")


def test_a_serverless_endpoint_has_alarms_and_no_guard(synth_with: Callable[..., Synth]) -> None:
    serverless = synth_with(serverless="true")
    assert len(endpoint_alarms(serverless)) == 2
    assert "DeploymentConfig" not in serverless.properties("AWS::SageMaker::Endpoint")
