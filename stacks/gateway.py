"""The HTTPS API in front of the Lambda."""

from aws_cdk import Stack, aws_apigateway, aws_lambda
from constructs import Construct

from stacks.gateway_problems import add_problems
from stacks.settings import Settings

# Exact types: `*/*` would turn JSON into base64 too.
BINARY_TYPES = ["image/jpeg", "image/png", "image/webp", "application/octet-stream"]


class Gateway(Construct):
    """API Gateway -> the alias; every path and method, so that the Lambda answers them all."""

    def __init__(
        self, scope: Construct, name: str, *, live: aws_lambda.IFunction, settings: Settings
    ) -> None:
        super().__init__(scope, name)
        self.api = aws_apigateway.LambdaRestApi(
            self,
            "Api",
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
        self.api.node.try_remove_child("Endpoint")  # an output that says what `ApiUrl` says
        add_problems(self.api)

    @property
    def url(self) -> str:
        """Without a slash at the end, so that `$URL/v1/predict` is a path that is there."""
        stack, stage = Stack.of(self), self.api.deployment_stage.stage_name
        host = f"{self.api.rest_api_id}.execute-api.{stack.region}.{stack.url_suffix}"
        return f"https://{host}/{stage}"
