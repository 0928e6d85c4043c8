"""What tells that an endpoint serves badly: it fails, or it is slow."""

from aws_cdk import Duration, aws_cloudwatch
from constructs import Construct

# Share of the requests of a minute, 0 to 1, that the container fails. A release that is right
# fails none; one in twenty is no accident.
FAILED_SHARE = 0.05
# Microseconds, as SageMaker gives its ModelLatency. A row is scored in some milliseconds; half a
# second on average means that requests wait for each other.
# https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
SLOW = 500_000


class EndpointAlarms(Construct):
    """Watches one variant of one endpoint.

    The names are plain text, not references: the endpoint waits for its alarms, since it rolls
    an update back on them.
    """

    def __init__(self, scope: Construct, name: str, *, endpoint_name: str, variant: str) -> None:
        super().__init__(scope, name)
        self.dimensions = {"EndpointName": endpoint_name, "VariantName": variant}
        self.failing = self._alarm(
            "Failing", "Invocation5XXErrors", FAILED_SHARE, "of the requests fail in the container"
        )
        self.slow = self._alarm(
            "Slow", "ModelLatency", SLOW, "microseconds is what the container takes on average"
        )
        self.all = [self.failing, self.slow]

    def _alarm(
        self, name: str, metric: str, threshold: float, meaning: str
    ) -> aws_cloudwatch.Alarm:
        return aws_cloudwatch.Alarm(
            self,
            name,
            alarm_description=f"More than {threshold:,} {meaning}.",
            metric=aws_cloudwatch.Metric(
                namespace="AWS/SageMaker",
                metric_name=metric,
                dimensions_map=self.dimensions,
                statistic=aws_cloudwatch.Stats.AVERAGE,
                period=Duration.minutes(1),
            ),
            comparison_operator=aws_cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            threshold=threshold,
            # Two of three minutes: one bad request in a quiet minute is not an alarm.
            evaluation_periods=3,
            datapoints_to_alarm=2,
            # Without requests there is nothing to see, and nothing wrong.
            treat_missing_data=aws_cloudwatch.TreatMissingData.NOT_BREACHING,
        )
