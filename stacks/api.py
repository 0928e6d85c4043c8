"""The Lambda that turns photos into features, and the HTTPS API in front of it."""

from pathlib import Path
from tempfile import TemporaryDirectory

from aws_cdk import Duration, RemovalPolicy, Stack, aws_apigateway, aws_iam, aws_lambda, aws_logs
from constructs import Construct

from model_code.bundle import Target, bundle
from stacks.endpoint import Endpoint
from stacks.settings import Settings

# Exact types: `*/*` would turn JSON into base64 too.
BINARY_TYPES = ["image/jpeg", "image/png", "image/webp", "application/octet-stream"]

# Errors of the gateway itself, as problem documents like the Lambda's:
# response type -> (status, kind, title, detail)
GATEWAY_PROBLEMS = {
    aws_apigateway.ResponseType.REQUEST_TOO_LARGE: (
        413, "too-large", "The photo has too many bytes",
        "Send a smaller copy; 1,000 pixels a side are plenty.",
    ),
    aws_apigateway.ResponseType.THROTTLED: (
        429, "throttled", "Too many requests", "Try again in a moment.",
    ),
    aws_apigateway.ResponseType.INTEGRATION_TIMEOUT: (
        504, "timeout", "The answer took too long", "Try again in a moment.",
    ),
    aws_apigateway.ResponseType.DEFAULT_4_XX: (
        None, "refused", "The request was refused", "Compare it with the documentation.",
    ),
    aws_apigateway.ResponseType.DEFAULT_5_XX: (
        None, "internal", "The service made a mistake", "Tell us the request id.",
    ),
}  # fmt: skip


class Api(Construct):
    """API Gateway -> alias `live` -> one Lambda version -> the endpoint of its own release.

    The version's environment names its endpoint, so CloudFormation makes the endpoint, then
    the version, then moves the alias: an answer never comes from a mixed pair.
    """

    def __init__(
        self, scope: Construct, name: str, *, release_folder: Path, endpoint: Endpoint,
        settings: Settings, target: Target,
    ) -> None:  # fmt: skip
        super().__init__(scope, name)
        function = _function(self, release_folder, endpoint, settings, target)
        live = aws_lambda.Alias(self, "Live", alias_name="live", version=function.current_version)
        self.gateway = aws_apigateway.LambdaRestApi(
            self,
            "Gateway",
            rest_api_name=f"chicklearning-{settings.stage}",
            handler=live,
            binary_media_types=BINARY_TYPES,
            endpoint_types=[aws_apigateway.EndpointType.REGIONAL],
            deploy_options=aws_apigateway.StageOptions(
                stage_name=settings.stage,
                throttling_rate_limit=settings.throttle_rate,
                throttling_burst_limit=settings.throttle_burst,
            ),
        )
        self.gateway.node.try_remove_child("Endpoint")  # an output that says what `ApiUrl` says
        for response_type, problem in GATEWAY_PROBLEMS.items():
            _gateway_problem(self.gateway, response_type, *problem)

    @property
    def url(self) -> str:
        """Without a slash at the end, so that `$URL/v1/predict` is a path that is there."""
        stack, stage = Stack.of(self), self.gateway.deployment_stage.stage_name
        host = f"{self.gateway.rest_api_id}.execute-api.{stack.region}.{stack.url_suffix}"
        return f"https://{host}/{stage}"


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
        return aws_lambda.Function(
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


def _gateway_problem(
    gateway: aws_apigateway.RestApi, response_type: aws_apigateway.ResponseType,
    status: int | None, kind: str, title: str, detail: str,
) -> None:  # fmt: skip
    status_member = f'"status":{status},' if status else ""
    template = (
        f'{{"type":"urn:chicklearning:problem:{kind}","title":"{title}",{status_member}'
        f'"detail":"{detail}","request_id":"$context.requestId"}}'
    )
    gateway.add_gateway_response(
        f"{kind}-{response_type.response_type}",
        type=response_type,
        status_code=str(status) if status else None,
        response_headers={"Content-Type": "'application/problem+json'"},
        templates={"application/json": template},
    )
