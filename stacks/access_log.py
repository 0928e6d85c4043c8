"""One line of JSON for each request that the gateway takes or refuses."""

import json
from typing import Any

from aws_cdk import RemovalPolicy, aws_apigateway, aws_kms, aws_logs
from constructs import Construct

from stacks.settings import Settings

# No address, no user agent, no key and no text of the caller's: who holds a key is known by the
# key's id, and a path that somebody made up is logged as `/{proxy+}`.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
FIELDS = {
    "request_id": "$context.requestId",  # what answers and the Lambda's log have
    "extended_request_id": "$context.extendedRequestId",  # a caller may choose the other
    "time": "$context.requestTimeEpoch",  # ms
    "method": "$context.httpMethod",
    "path": "$context.resourcePath",
    "status": "$context.status",
    "latency": "$context.responseLatency",  # ms
    "integration_status": "$context.integrationStatus",
    "integration_latency": "$context.integrationLatency",  # ms
    "integration_error": "$context.integrationErrorMessage",
    "error": "$context.error.responseType",  # such as THROTTLED
    "key_id": "$context.identity.apiKeyId",
    "firewall_status": "$context.wafResponseCode",
}


class AccessLog(Construct):
    """A log group with an end, and what is written to it.

    API Gateway writes with the role of the account (stacks/account.py), not with one of this
    stack: a role here would take the place of the one that every other API logs with.
    """

    def __init__(
        self, scope: Construct, name: str, *, settings: Settings, key: aws_kms.IKey | None
    ) -> None:
        super().__init__(scope, name)
        self.group = aws_logs.LogGroup(
            self,
            "Requests",
            encryption_key=key,
            retention=settings.log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )

    @property
    def stage_options(self) -> dict[str, Any]:
        """What a stage needs to write it."""
        return {
            "access_log_destination": aws_apigateway.LogGroupLogDestination(self.group),
            "access_log_format": aws_apigateway.AccessLogFormat.custom(json.dumps(FIELDS)),
        }
