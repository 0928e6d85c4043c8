"""The ASGI app: SageMaker is answered here, all else by MiniStack.

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
from ministack.services.s3 import _bucket_has_versions, _buckets, _get_object_data

from local_cloud.api_description import SageMakerError
from local_cloud.cloudformation import register
from local_cloud.runtime import HttpAnswer, invoke
from local_cloud.sagemaker import SageMaker

INVOCATION = re.compile(r"/endpoints/([^/]+)/invocations")
TARGET = "SageMaker."


@cache
def _sagemaker_of(region: str, account: str) -> SageMaker:
    return SageMaker(f"arn:aws:sagemaker:{region}:{account}", _get_object_data)


def _sagemaker() -> SageMaker:
    return _sagemaker_of(get_region(), get_account_id())


def _holds_objects(bucket: str) -> bool:
    return bool(_buckets.get(bucket, {}).get("objects")) or _bucket_has_versions(bucket)


register(_RESOURCE_HANDLERS, _sagemaker, _holds_objects)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Serve one ASGI connection."""
    headers = _headers(scope)
    invocation = INVOCATION.fullmatch(scope.get("path", ""))
    target = headers.get("x-amz-target", "")
    if not (invocation or target.startswith(TARGET)):
        await ministack(scope, receive, send)
        return
    body = await _body(receive)
    set_request_account_id(extract_access_key_id(headers, {}))
    set_request_region(extract_region(headers, {}))
    if invocation:
        answer = invoke(_sagemaker(), unquote(invocation[1]), headers, body)
    else:
        answer = _control(target.removeprefix(TARGET), body)
    await _send(send, answer)


def _control(operation: str, body: bytes) -> HttpAnswer:
    """Answer the control plane's JSON 1.1 protocol."""
    sagemaker = _sagemaker()
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    try:
        request = json.loads(body or b"{}")
        document = sagemaker.call(operation, request)
    except SageMakerError as error:
        fault = {"__type": error.code, "message": str(error)}
        return HttpAnswer(400, headers, json.dumps(fault).encode())
    if operation in ("CreateEndpoint", "UpdateEndpoint"):
        # The caller is answered first and asks for the status then, as on AWS.
        asyncio.get_running_loop().call_soon(sagemaker.start, request["EndpointName"])
    return HttpAnswer(200, headers, json.dumps(document).encode())


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
