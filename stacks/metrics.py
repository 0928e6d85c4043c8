"""What is measured of one stage: the Lambda's own metrics, and those of the AWS services."""

from aws_cdk import aws_apigateway, aws_cloudwatch, aws_lambda

# `lambda/observation.py` writes them; a test holds the names of both sides together.
NAMESPACE = "ChickLearning"

SUM = aws_cloudwatch.Stats.SUM
P50, P99 = aws_cloudwatch.Stats.p(50), aws_cloudwatch.Stats.p(99)


class Metrics:
    """The metrics of the release that serves, for alarms and dashboard.

    No dimension refers to the alias or to what calls it: the alias may wait for the alarms.
    """

    def __init__(
        self, *, stage: str, release: str, endpoint_name: str, live: aws_lambda.IFunction,
        api: aws_apigateway.RestApi,
    ) -> None:  # fmt: skip
        self.of_stage = {"stage": stage}
        self.of_release = {"stage": stage, "release": release}
        self.endpoint_name = endpoint_name
        self.variant = release
        self.live = live
        self.api = api

    def by_stage(self, name: str, statistic: str = SUM) -> aws_cloudwatch.Metric:
        return _metric(NAMESPACE, name, statistic, self.of_stage)

    def by_release(self, name: str, statistic: str = SUM) -> aws_cloudwatch.Metric:
        """Of the serving release alone, also while another one still answers beside it."""
        return _metric(NAMESPACE, name, statistic, self.of_release)

    def endpoint(self, name: str, statistic: str = SUM) -> aws_cloudwatch.Metric:
        return endpoint_metric(name, statistic, self.endpoint_name, self.variant)


def endpoint_metric(
    name: str, statistic: str, endpoint_name: str, variant: str
) -> aws_cloudwatch.Metric:
    """See https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html."""
    dimensions = {"EndpointName": endpoint_name, "VariantName": variant}
    return _metric("AWS/SageMaker", name, statistic, dimensions)


def _metric(
    namespace: str, name: str, statistic: str, dimensions: dict[str, str]
) -> aws_cloudwatch.Metric:
    return aws_cloudwatch.Metric(
        namespace=namespace, metric_name=name, statistic=statistic, dimensions_map=dimensions
    )


def percent(
    part: aws_cloudwatch.IMetric, whole: aws_cloudwatch.IMetric, *, where: str = "whole > 0"
) -> aws_cloudwatch.MathExpression:
    """Return the share of `part` in `whole`; where the condition does not hold, 0."""
    return aws_cloudwatch.MathExpression(
        expression=f"IF({where}, 100 * part / whole, 0)",
        using_metrics={"part": part, "whole": whole},
    )
