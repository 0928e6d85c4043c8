"""Endpoint and API of one release, in one stack: that is what makes the change-over whole.

CloudFormation removes what a change replaced only after all else of the stack is in place. In
two stacks the old endpoint would go before the alias has moved away from it.
"""

from pathlib import Path

from aws_cdk import CfnOutput, Duration, Environment, Stack, aws_cloudwatch, aws_lambda, aws_s3
from constructs import Construct

from model_code.bundle import Target
from model_code.release import Release
from stacks.endpoint import Endpoint
from stacks.function import Function
from stacks.gateway import Gateway
from stacks.rollout import Rollout
from stacks.settings import Settings


class ServiceStack(Stack):
    """Serves one release: photo in over HTTPS, brand out."""

    def __init__(
        self, scope: Construct, name: str, *, release: Release, release_folder: Path,
        bucket: aws_s3.IBucket, settings: Settings, target: Target, env: Environment,
    ) -> None:  # fmt: skip
        super().__init__(scope, name, env=env)
        endpoint = Endpoint(self, "Endpoint", release=release, bucket=bucket, settings=settings)
        function = Function(
            self, "Function", release_folder=release_folder, endpoint=endpoint, settings=settings,
            target=target,
        )  # fmt: skip
        gateway = Gateway(self, "Gateway", live=function.live, settings=settings)
        Rollout(
            self, "Rollout", live=function.live, alarms=[_errors(self, function.live)],
            release_folder=release_folder, settings=settings,
        )  # fmt: skip
        CfnOutput(self, "ApiUrl", value=gateway.url)
        CfnOutput(self, "EndpointName", value=endpoint.name)
        CfnOutput(self, "ReleaseId", value=release.id)


def _errors(stack: Stack, live: aws_lambda.Alias) -> aws_cloudwatch.Alarm:
    """Go off when the Lambda fails to answer even once in a minute."""
    return live.metric_errors(period=Duration.minutes(1)).create_alarm(
        stack,  # not the alias, which waits for what watches this alarm
        "LambdaErrors",
        threshold=1,
        evaluation_periods=1,
        treat_missing_data=aws_cloudwatch.TreatMissingData.NOT_BREACHING,
    )
