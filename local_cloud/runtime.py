"""SageMaker's runtime: InvokeEndpoint, in front of the endpoint's model servers."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from local_cloud.sagemaker import SageMaker

MAX_BODY = 6 * 1024 * 1024  # bytes, the service's limit


class HttpAnswer(NamedTuple):
    """An HTTP response with its headers."""

    status: int
    headers: dict[str, str]
    body: bytes


def invoke(
    sagemaker: SageMaker, endpoint: str, headers: Mapping[str, str], body: bytes
) -> HttpAnswer:
    """Answer `POST /endpoints/<endpoint>/invocations`; `headers` by their lower-case names.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
    """
    if len(body) > MAX_BODY:
        return _error(413, "ValidationError", f"Request body is over {MAX_BODY} bytes.")
    servers = sagemaker.servers(endpoint)
    if not servers:
        account = sagemaker.arn("Endpoint", endpoint).split(":")[4]
        message = f"Endpoint {endpoint} of account {account} not found."
        return _error(400, "ValidationError", message)
    variant = headers.get("x-amzn-sagemaker-target-variant", next(iter(servers)))
    if variant not in servers:
        return _error(400, "ValidationError", f"Variant {variant} not found.")
    answer = servers[variant].respond("POST", "/invocations", headers, body)
    if answer.status >= 400:
        return _model_error(endpoint, variant, answer.status, answer.body)
    return HttpAnswer(
        answer.status,
        {"Content-Type": answer.content_type, "x-Amzn-Invoked-Production-Variant": variant},
        answer.body.encode(),
    )


def _model_error(endpoint: str, variant: str, status: int, message: str) -> HttpAnswer:
    side = "client" if status < 500 else "server"
    return _error(
        424,
        "ModelError",
        f'Received {side} error ({status}) from {variant} with message "{message}".',
        OriginalStatusCode=status,
        OriginalMessage=message,
        LogStreamArn=f"arn:aws:logs:::log-group:/aws/sagemaker/Endpoints/{endpoint}",
    )


def _error(status: int, code: str, message: str, **members: object) -> HttpAnswer:
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
    return HttpAnswer(status, headers, json.dumps({"Message": message, **members}).encode())
