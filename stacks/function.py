"""The Lambda that turns photos into features: one version for each release, behind an alias."""

from pathlib import Path
from tempfile import TemporaryDirectory

from aws_cdk import Duration, RemovalPolicy, aws_iam, aws_lambda, aws_logs
from constructs import Construct

from model_code.bundle import Target, bundle
from stacks.artifacts import ArtifactsStack
from stacks.endpoint import Endpoint
from stacks.network import join_network
from stacks.reasons import accept, accept_wildcards
from stacks.settings import Settings


class Function(Construct):
    """Alias `live` -> one Lambda version -> the endpoint of its own release.

    The version's environment names its endpoint, so CloudFormation makes the endpoint, then
    the version, then moves the alias: an answer never comes from a mixed pair.
    """

    def __init__(
        self, scope: Construct, name: str, *, release_folder: Path, endpoint: Endpoint,
        settings: Settings, target: Target, artifacts: ArtifactsStack,
    ) -> None:  # fmt: skip
        super().__init__(scope, name)
        self.logs = aws_logs.LogGroup(
            self,
            "Logs",
            encryption_key=artifacts.key,
            retention=settings.log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        function = _function(self, self.logs, release_folder, endpoint, settings, target, artifacts)
        self.live = aws_lambda.Alias(
            self, "Live", alias_name="live", version=function.current_version
        )


def _function(
    scope: Construct, logs: aws_logs.LogGroup, release_folder: Path, endpoint: Endpoint,
    settings: Settings, target: Target, artifacts: ArtifactsStack,
) -> aws_lambda.Function:  # fmt: skip
    # Its own log group and nothing else; the managed policy would open every log group.
    role = aws_iam.Role(scope, "Role", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com"))
    logs.grant_write(role)
    endpoint.grant_invoke(role)
    artifacts.inbox.grant_use(role)
    network = artifacts.network
    if network:
        role.add_to_policy(join_network())
    if artifacts.key:
        artifacts.key.grant_decrypt(role)  # its environment
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
            # With it the CDK lets the role write traces.
            tracing=aws_lambda.Tracing.ACTIVE if settings.tracing else None,
            vpc=network.vpc if network else None,
            security_groups=[network.lambda_group] if network else None,
            environment_encryption=artifacts.key,
            environment={
                "ENDPOINT_NAME": endpoint.name,
                "RELEASE_FILE": "release.json",
                "INBOX": artifacts.inbox.bucket.bucket_name,
                "STAGE": settings.stage,  # a dimension of its metrics
                "CORS_ORIGINS": " ".join(settings.cors_origins),
            },
        )
    # The environment has the name as a reference, whose text is the same for another endpoint of
    # the same release: a serverless one instead of one with instances.
    function.invalidate_version_based_on(endpoint.plain_name)
    accept(
        function,
        "AwsSolutions-L1",
        "The wheels in the zip are those of Python 3.13, which Lambda maintains until 2029: "
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
    )
    if settings.tracing:
        accept_wildcards(role, "X-Ray's actions to put traces take no resource.", ["*"])
    return function
