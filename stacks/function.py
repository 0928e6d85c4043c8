"""The Lambda that turns photos into features: one version for each release, behind an alias."""

from pathlib import Path
from tempfile import TemporaryDirectory

from aws_cdk import Duration, RemovalPolicy, aws_iam, aws_lambda, aws_logs
from constructs import Construct

from model_code.bundle import Target, bundle
from stacks.endpoint import Endpoint
from stacks.reasons import accept
from stacks.settings import Settings


class Function(Construct):
    """Alias `live` -> one Lambda version -> the endpoint of its own release.

    The version's environment names its endpoint, so CloudFormation makes the endpoint, then
    the version, then moves the alias: an answer never comes from a mixed pair.
    """

    def __init__(
        self, scope: Construct, name: str, *, release_folder: Path, endpoint: Endpoint,
        settings: Settings, target: Target,
    ) -> None:  # fmt: skip
        super().__init__(scope, name)
        function = _function(self, release_folder, endpoint, settings, target)
        self.live = aws_lambda.Alias(
            self, "Live", alias_name="live", version=function.current_version
        )


def _function(
    scope: Construct, release_folder: Path, endpoint: Endpoint, settings: Settings, target: Target
) -> aws_lambda.Function:
    logs = aws_logs.LogGroup(
        scope,
        "Logs",
        retention=settings.log_retention,
        removal_policy=RemovalPolicy.DESTROY,
    )
    # Its own log group and nothing else; the managed policy would open every log group.
    role = aws_iam.Role(scope, "Role", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com"))
    logs.grant_write(role)
    endpoint.grant_invoke(role)
    with TemporaryDirectory() as folder:  # CDK copies it into cdk.out at once
        bundle(release_folder, target, Path(folder))
        function = aws_lambda.Function(
            scope,
            "Predict",
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            # ONNX Runtime aborts on Lambda's arm64, which does not show it the processor:
            # https://github.com/microsoft/onnxruntime/issues/10038
            architecture=aws_lambda.Architecture.X86_64,
            handler="handler.handler",
            code=aws_lambda.Code.from_asset(folder),
            memory_size=settings.lambda_memory,
            timeout=Duration.seconds(25),  # two tries of the endpoint; the gateway waits 29 s
            log_group=logs,
            role=role,
            environment={
                "ENDPOINT_NAME": endpoint.name,
                "RELEASE_FILE": "release.json",
            },
        )
    accept(
        function,
        "AwsSolutions-L1",
        "The wheels in the zip are those of Python 3.13, which Lambda maintains until 2029: "
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
    )
    return function
