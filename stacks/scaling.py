"""As many instances as the requests need: Application Auto Scaling of a release's variant."""

from aws_cdk import aws_applicationautoscaling as autoscaling
from constructs import Construct

from stacks.settings import Settings

# The only service and dimension that a variant scales in.
# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
NAMESPACE = "sagemaker"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"


class Scaling(Construct):
    """Holds the requests a minute on each instance near a number.

    It has no role of its own: Application Auto Scaling brings its service-linked one.
    """

    def __init__(
        self, scope: Construct, name: str, *, endpoint_name: str, variant: str, settings: Settings
    ) -> None:
        super().__init__(scope, name)
        target = autoscaling.CfnScalableTarget(
            self,
            "Target",
            service_namespace=NAMESPACE,
            scalable_dimension=DIMENSION,
            resource_id=f"endpoint/{endpoint_name}/variant/{variant}",
            min_capacity=settings.instance_count,
            max_capacity=settings.max_instances,
            scheduled_actions=_nights(settings),
        )
        autoscaling.CfnScalingPolicy(
            self,
            "Policy",
            policy_name="requests-per-instance",
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=_policy(settings),
        )


def _nights(
    settings: Settings,
) -> list[autoscaling.CfnScalableTarget.ScheduledActionProperty] | None:
    """Let a single instance be enough from one hour to another, every day.

    A release that goes live at night starts with the number of the day, until the next night.
    """
    if settings.night_from is None or settings.night_until is None:
        return None
    return [
        _from_hour("night", settings.night_from, least=1),
        _from_hour("day", settings.night_until, least=settings.instance_count),
    ]


def _from_hour(
    name: str, hour: int, *, least: int
) -> autoscaling.CfnScalableTarget.ScheduledActionProperty:
    target = autoscaling.CfnScalableTarget
    return target.ScheduledActionProperty(
        scheduled_action_name=name,
        schedule=f"cron(0 {hour} * * ? *)",
        timezone="UTC",
        scalable_target_action=target.ScalableTargetActionProperty(min_capacity=least),
    )


def _policy(
    settings: Settings,
) -> autoscaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty:
    policy = autoscaling.CfnScalingPolicy
    return policy.TargetTrackingScalingPolicyConfigurationProperty(
        target_value=settings.requests_per_instance,
        predefined_metric_specification=policy.PredefinedMetricSpecificationProperty(
            predefined_metric_type="SageMakerVariantInvocationsPerInstance"
        ),
        scale_out_cooldown=settings.scale_out_seconds,
        scale_in_cooldown=settings.scale_in_seconds,
    )
