"""Errors of the gateway itself, as problem documents like the Lambda's."""

from aws_cdk import aws_apigateway

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


def add_problems(gateway: aws_apigateway.RestApi) -> None:
    """Let the gateway answer as the Lambda would."""
    for response_type, problem in GATEWAY_PROBLEMS.items():
        _gateway_problem(gateway, response_type, *problem)


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
