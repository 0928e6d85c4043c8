"""The HTTPS API in front of the Lambda."""

from typing import Any

from aws_cdk import Stack, aws_apigateway, aws_kms, aws_lambda
from constructs import Construct

from stacks.access_log import AccessLog
from stacks.cors import gateway_headers, preflight
from stacks.domain import Domain
from stacks.firewall import Firewall
from stacks.gateway_keys import add_keys
from stacks.gateway_problems import add_problems
from stacks.reasons import accept
from stacks.settings import Settings
from stacks.tls import require_tls

# Exact types: `*/*` would turn JSON into base64 too.
BINARY_TYPES = [
    "image/jpeg", "image/png", "image/webp", "application/octet-stream", "multipart/form-data",
]  # fmt: skip

# What is open whatever `auth` says: a monitor needs no secret, and neither does a browser for the
# page, which asks for the key itself, nor a program for the API's description.
OPEN = ("/", "/v1/health", "/v1/openapi.json")
# The greedy paths catch whatever is unknown, with any method, so that the Lambda says what would
# work. `/v1` has a method of its own, and not only children, so that nothing depends on whether
# a path without a method falls through to a greedy one.
PATHS = (
    *OPEN, "/{proxy+}", "/v1", "/v1/{proxy+}", "/v1/predict", "/v1/uploads", "/v1/feedback",
    "/v1/model",
)  # fmt: skip


class Gateway(Construct):
    """API Gateway -> the alias; every path and method, so that the Lambda answers them all."""

    def __init__(
        self, scope: Construct, name: str, *, live: aws_lambda.IFunction, settings: Settings,
        key: aws_kms.IKey | None,
    ) -> None:  # fmt: skip
        super().__init__(scope, name)
        self.api = aws_apigateway.RestApi(
            self,
            "Api",
            rest_api_name=f"chicklearning-{settings.stage}",
            binary_media_types=BINARY_TYPES,
            endpoint_types=[aws_apigateway.EndpointType.REGIONAL],
            default_cors_preflight_options=preflight(settings),
            deploy_options=aws_apigateway.StageOptions(
                stage_name=settings.stage,
                throttling_rate_limit=settings.throttle_rate,
                throttling_burst_limit=settings.throttle_burst,
                **_access_log(self, settings, key),
            ),
        )
        self.api.node.try_remove_child("Endpoint")  # an output that says what `ApiUrl` says
        require_tls(self.api)
        _add_methods(self.api, live, settings)
        add_problems(self.api, gateway_headers(settings))
        if settings.firewall:
            Firewall(self, "Firewall", stage=self.api.deployment_stage, settings=settings)
        self.domain = _domain(self, self.api.deployment_stage, settings)
        self.key_ids = add_keys(self.api, settings) if settings.auth == "key" else {}
        for rule, reason in _reasons(settings).items():
            accept(self.api, f"AwsSolutions-{rule}", reason)

    @property
    def url(self) -> str:
        """Without a slash at the end, so that `$URL/v1/predict` is a path that is there."""
        stack, stage = Stack.of(self), self.api.deployment_stage.stage_name
        host = f"{self.api.rest_api_id}.execute-api.{stack.region}.{stack.url_suffix}"
        return f"https://{host}/{stage}"


def _access_log(scope: Construct, settings: Settings, key: aws_kms.IKey | None) -> dict[str, Any]:
    if not settings.access_logs:
        return {}
    return AccessLog(scope, "AccessLog", settings=settings, key=key).stage_options


def _domain(scope: Construct, stage: aws_apigateway.Stage, settings: Settings) -> Domain | None:
    if not settings.domain_name:
        return None
    return Domain(scope, "Domain", stage=stage, settings=settings)


def _add_methods(
    api: aws_apigateway.RestApi, live: aws_lambda.IFunction, settings: Settings
) -> None:
    # One permission for the whole API, not two for each path.
    integration = aws_apigateway.LambdaIntegration(live, scope_permission_to_method=False)
    for path in PATHS:
        auth = "none" if path in OPEN else settings.auth
        api.root.resource_for_path(path).add_method(
            "ANY",
            integration,
            api_key_required=auth == "key",
            authorization_type=aws_apigateway.AuthorizationType.IAM
            if auth == "iam"
            else aws_apigateway.AuthorizationType.NONE,
        )


def _reasons(settings: Settings) -> dict[str, str]:
    """Rule of cdk-nag -> why the API is as it is."""
    reasons = {
        "APIG2": "A body is a photo, not JSON with a schema: the Lambda checks it, byte by byte.",
        "APIG4": "Who may call is the setting `auth`; page, health and description are open, "
        "since a browser and a monitor come without a secret.",
        "APIG6": "Execution logs may hold photos; access logs and the Lambda's line say the rest.",
        "COG4": "Its callers are programs and pages with no user to sign in.",
    }
    if not settings.access_logs:
        reasons["APIG1"] = "Access logs are a setting; the Lambda logs each request that it gets."
    if not settings.firewall:
        reasons["APIG3"] = "The firewall is a setting; without it the throttle guards the bill."
    return reasons
