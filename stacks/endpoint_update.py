"""How an endpoint changes its instances in place: new ones beside the old, and back on an alarm."""

from aws_cdk import aws_iam, aws_sagemaker

from stacks.endpoint_alarms import EndpointAlarms
from stacks.settings import Settings

DeploymentConfig = aws_sagemaker.CfnEndpoint.DeploymentConfigProperty
BlueGreen = aws_sagemaker.CfnEndpoint.BlueGreenUpdatePolicyProperty
Routing = aws_sagemaker.CfnEndpoint.TrafficRoutingConfigProperty
Rollback = aws_sagemaker.CfnEndpoint.AutoRollbackConfigProperty

STARTING = 3600  # seconds that new instances may take; SageMaker gives up and goes back then


def deployment_config(*, alarms: EndpointAlarms, settings: Settings) -> DeploymentConfig:
    """Shift the traffic to new instances, keep the old ones for a while, watch the alarms.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
    """
    watched = [
        aws_sagemaker.CfnEndpoint.AlarmProperty(alarm_name=alarm.alarm_name) for alarm in alarms.all
    ]
    return DeploymentConfig(
        auto_rollback_configuration=Rollback(alarms=watched) if settings.watch_seconds else None,
        blue_green_update_policy=BlueGreen(
            traffic_routing_configuration=_routing(settings),
            termination_wait_in_seconds=settings.watch_seconds,
            # It has to be more than all the waiting.
            maximum_execution_timeout_in_seconds=2 * settings.watch_seconds + STARTING,
        ),
    )


def watch_alarms(alarms: EndpointAlarms) -> aws_iam.PolicyStatement:
    """Let SageMaker look at the alarms; without it no update goes back.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    """
    return aws_iam.PolicyStatement(
        sid="WatchAlarms",
        actions=["cloudwatch:DescribeAlarms"],
        resources=[alarm.alarm_arn for alarm in alarms.all],
    )


def _routing(settings: Settings) -> Routing:
    """Half of several instances first, where that is watched; a single one cannot be halved."""
    wait = settings.watch_seconds
    if settings.instance_count == 1 or not wait:
        return Routing(type="ALL_AT_ONCE", wait_interval_in_seconds=wait)
    half = aws_sagemaker.CfnEndpoint.CapacitySizeProperty(type="CAPACITY_PERCENT", value=50)
    return Routing(type="CANARY", canary_size=half, wait_interval_in_seconds=wait)
