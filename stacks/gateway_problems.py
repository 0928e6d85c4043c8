"""Errors of the gateway itself, as problem documents like the Lambda's."""

from typing import NamedTuple

from aws_cdk import aws_apigateway
from aws_cdk.aws_apigateway import ResponseType


class GatewayProblem(NamedTuple):
    """One response type's answer; without a status, the type's own stays."""

    kind: str
    title: str
    detail: str
    status: int | None = None
    retry_after: int | None = None  # seconds


GATEWAY_PROBLEMS = {
    ResponseType.REQUEST_TOO_LARGE: GatewayProblem(
        "too-large", "The photo has too many bytes",
        "Send a smaller copy; 1,000 pixels a side are plenty.", 413,
    ),
    ResponseType.UNSUPPORTED_MEDIA_TYPE: GatewayProblem(
        "unsupported-media-type", "The Content-Type is not taken",
        "Send the photo as image/jpeg, image/png or image/webp.", 415,
    ),
    ResponseType.THROTTLED: GatewayProblem(
        "throttled", "Too many requests", "Try again in a moment.", 429, retry_after=1,
    ),
    # The quota is for a day. Nothing here knows the hour, so: look again in an hour.
    ResponseType.QUOTA_EXCEEDED: GatewayProblem(
        "quota-exceeded", "The key's requests of today are used up",
        "Try again tomorrow, or ask for a larger quota.", 429, retry_after=3600,
    ),
    ResponseType.INVALID_API_KEY: GatewayProblem(
        "key-refused", "The API key is missing or not valid",
        "Send your API key in the header x-api-key.", 403,
    ),
    ResponseType.MISSING_AUTHENTICATION_TOKEN: GatewayProblem(
        "not-signed", "The request is not signed",
        "Sign it with AWS Signature Version 4 for the service execute-api.", 403,
    ),
    ResponseType.INVALID_SIGNATURE: GatewayProblem(
        "signature-refused", "The signature is not valid",
        "Sign the request for the service execute-api, with the API's region.", 403,
    ),
    ResponseType.EXPIRED_TOKEN: GatewayProblem(
        "signature-expired", "The credentials have expired", "Sign in again.", 403,
    ),
    ResponseType.ACCESS_DENIED: GatewayProblem(
        "access-denied", "Your identity may not call this",
        "Ask for the permission execute-api:Invoke.", 403,
    ),
    # By the rules of stacks/firewall.py. An answer of the firewall's own could have the status
    # 429, but neither the request id nor the media type of a problem document.
    ResponseType.WAF_FILTERED: GatewayProblem(
        "blocked", "The firewall blocked the request",
        "Send fewer requests from one address, a User-Agent, and a photo as it is.", 403,
    ),
    ResponseType.INTEGRATION_TIMEOUT: GatewayProblem(
        "timeout", "The answer took too long", "Try again in a moment.", 504, retry_after=1,
    ),
    ResponseType.DEFAULT_4_XX: GatewayProblem(
        "refused", "The request was refused", "Compare it with the documentation.",
    ),
    ResponseType.DEFAULT_5_XX: GatewayProblem(
        "internal", "The service made a mistake", "Tell us the request id.",
    ),
}  # fmt: skip


def add_problems(api: aws_apigateway.RestApi, headers: dict[str, str]) -> None:
    """Let the gateway answer as the Lambda would, with `headers` on each answer."""
    for response_type, problem in GATEWAY_PROBLEMS.items():
        status = str(problem.status) if problem.status else None
        api.add_gateway_response(
            f"{problem.kind}-{response_type.response_type}",
            type=response_type,
            status_code=status,
            response_headers={
                **_quoted(headers | _headers(problem)),
                "X-Request-Id": "context.requestId",
            },
            templates={"application/json": _template(problem)},
        )


def _headers(problem: GatewayProblem) -> dict[str, str]:
    headers = {"Content-Type": "application/problem+json"}
    if problem.retry_after:
        headers["Retry-After"] = str(problem.retry_after)
    return headers


def _quoted(headers: dict[str, str]) -> dict[str, str]:
    """Put the values into the quotes that make them values and not references."""
    return {name: f"'{value}'" for name, value in headers.items()}


def _template(problem: GatewayProblem) -> str:
    status = f'"status":{problem.status},' if problem.status else ""
    return (
        f'{{"type":"urn:chicklearning:problem:{problem.kind}","title":"{problem.title}",{status}'
        f'"detail":"{problem.detail}","request_id":"$context.requestId"}}'
    )
