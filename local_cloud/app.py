"""The ASGI app: SageMaker and CodeDeploy are answered here, all else by MiniStack.

Import it after the environment is set (`local_cloud.server`): MiniStack reads it on import.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

# MiniStack has no public interface for what it lacks. These are the parts of its inside that
# are used: whose request it is (core), the objects in S3, and CloudFormation's types.
from ministack.app import app as ministack
from ministack.core.responses import (
    get_account_id,
    get_region,
    set_request_account_id,
    set_request_region,
)
from ministack.core.router import extract_access_key_id, extract_region
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS
from ministack.services.s3 import (
    _bucket_has_versions,
    _buckets,
    _get_object_data,
    _put_object,
)

from local_cloud import alias_update
from local_cloud.accepted import ENDPOINT_TYPES, GATEWAY_TYPES, accept, tell
from local_cloud.api_description import Document, SageMakerError
from local_cloud.cloudformation import register
from local_cloud.codedeploy import CodeDeployError
from local_cloud.metric_math import accept_metric_math
from local_cloud.runtime import HttpAnswer, invoke
from local_cloud.sagemaker import SageMaker
from local_cloud.transform import Objects

INVOCATION = re.compile(r"/endpoints/([^/]+)/invocations")
SAGEMAKER, CODEDEPLOY = "SageMaker", "CodeDeploy_20141006"
SERIALIZATION = "SerializationException"  # AWS's code for a body that it cannot read


@cache
def _sagemaker_of(region: str, account: str) -> SageMaker:
    objects = Objects(_get_object_data, _keys, _write)
    return SageMaker(f"arn:aws:sagemaker:{region}:{account}", objects)


def _sagemaker() -> SageMaker:
    return _sagemaker_of(get_region(), get_account_id())


def _keys(bucket: str, prefix: str) -> list[str]:
    keys = _buckets.get(bucket, {}).get("objects", {})
    return sorted(key for key in keys if key.startswith(prefix))


def _write(bucket: str, key: str, body: bytes) -> None:
    status, _, answer = _put_object(bucket, key, body, {})
    if status != 200:
        raise SageMakerError(f"s3://{bucket}/{key} cannot be written: {answer.decode()}")


def _holds_objects(bucket: str) -> bool:
    return bool(_buckets.get(bucket, {}).get("objects")) or _bucket_has_versions(bucket)


register(_RESOURCE_HANDLERS, _sagemaker, _holds_objects)
accept_metric_math(_RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"])
accept(_RESOURCE_HANDLERS, ENDPOINT_TYPES | GATEWAY_TYPES)
tell(_RESOURCE_HANDLERS)
_codedeploy = alias_update.register(_RESOURCE_HANDLERS)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Serve one ASGI connection."""
    headers = _headers(scope)
    invocation = INVOCATION.fullmatch(scope.get("path", ""))
    service, _, operation = headers.get("x-amz-target", "").partition(".")
    if not (invocation or service in (SAGEMAKER, CODEDEPLOY)):
        await ministack(scope, receive, send)
        return
    body = await _body(receive)
    set_request_account_id(extract_access_key_id(headers, {}))
    set_request_region(extract_region(headers, {}))
    if invocation and scope["method"] != "POST":
        answer = HttpAnswer(405, {"Allow": "POST"}, b"")
    elif invocation:
        answer = invoke(_sagemaker(), unquote(invocation[1]), headers, body)
    else:
        answer = _control(service, operation, body)
    await _send(send, answer)


def _control(service: str, operation: str, body: bytes) -> HttpAnswer:
    """Answer the control planes' JSON 1.1 protocol."""
    sagemaker = _sagemaker()
    try:
        request = _request(body)
        document = (sagemaker if service == SAGEMAKER else _codedeploy).call(operation, request)
    except (SageMakerError, CodeDeployError) as error:
        return _fault(error.code, str(error))
    except RecursionError:
        return _fault(SERIALIZATION, "The body is nested too deeply.")
    if operation in ("CreateEndpoint", "UpdateEndpoint"):
        # The caller is answered first and asks for the status then, as on AWS.
        asyncio.get_running_loop().call_soon(sagemaker.start, request["EndpointName"])
    if operation == "CreateTransformJob":
        asyncio.get_running_loop().call_soon(sagemaker.transforms.run, request["TransformJobName"])
    return _json(200, document)


def _fault(code: str, message: str) -> HttpAnswer:
    return _json(400, {"__type": code, "message": message})


def _json(status: int, document: Document) -> HttpAnswer:
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    return HttpAnswer(status, headers, json.dumps(document).encode())


def _request(body: bytes) -> Document:
    try:
        request = json.loads(body or b"{}", parse_constant=_refuse_constant)
    except ValueError as error:
        raise SageMakerError(f"The body is not JSON: {error}", SERIALIZATION) from error
    if not isinstance(request, dict):
        raise SageMakerError("The body is not a JSON object.", SERIALIZATION)
    return request


def _refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python reads although JSON has none."""
    raise ValueError(f"{name} is not a number in it")


def _headers(scope: Any) -> Mapping[str, str]:
    pairs = scope.get("headers", [])
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in pairs}


async def _body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _send(send: Any, answer: HttpAnswer) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
