"""The HTTPS API in front of the Lambda."""

from aws_cdk import Stack, aws_apigateway, aws_lambda
from constructs import Construct

from stacks.gateway_problems import add_problems
from stacks.reasons import accept
from stacks.settings import Settings

# Exact types: `*/*` would turn JSON into base64 too.
BINARY_TYPES = ["image/jpeg", "image/png", "image/webp", "application/octet-stream"]

# Rule of cdk-nag -> why the API is as it is.
REASONS = {
    "APIG1": "The Lambda logs each request; the gateway's own access logs are not on yet.",
    "APIG2": "A body is a photo, not JSON with a schema: the Lambda checks it, byte by byte.",
    "APIG3": "The throttle guards the bill; a firewall is not there yet.",
    "APIG4": "The API is open to whoever has its URL, as the README says.",
    "APIG6": "Execution logs need an account-wide role and may hold photos.",
    "COG4": "Its callers are programs with no user to sign in.",
}


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
        for rule, reason in REASONS.items():
            accept(self.api, f"AwsSolutions-{rule}", reason)

    @property
    def url(self) -> str:
        """Without a slash at the end, so that `$URL/v1/predict` is a path that is there."""
        stack, stage = Stack.of(self), self.api.deployment_stage.stage_name
        host = f"{self.api.rest_api_id}.execute-api.{stack.region}.{stack.url_suffix}"
        return f"https://{host}/{stage}"
