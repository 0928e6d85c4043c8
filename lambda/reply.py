"""What a route answers, and the response that API Gateway gets of it."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from problems import Problem

JSON: Mapping[str, str] = {"Content-Type": "application/json"}
PROBLEM_JSON = {"Content-Type": "application/problem+json"}


class Reply(NamedTuple):
    """A document, which gets the ids of release and request; or a text, sent as it is."""

    content: Mapping[str, Any] | str
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = JSON


def response_of(reply: Reply, *, release: str, request_id: str) -> dict[str, Any]:
    """Return an answer in the form that API Gateway takes."""
    content = reply.content
    if not isinstance(content, str):
        content = _text({**content, "release": release, "request_id": request_id})
    return _response(reply.status, content, reply.headers)


def problem_response(problem: Problem, *, request_id: str) -> dict[str, Any]:
    """Return a problem in the form that API Gateway takes."""
    document = {**problem.document(), "request_id": request_id}
    return _response(problem.status, _text(document), {**PROBLEM_JSON, **problem.headers})


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False) + "\n"


def _response(status: HTTPStatus, body: str, headers: Mapping[str, str]) -> dict[str, Any]:
    return {"statusCode": int(status), "headers": dict(headers), "body": body}
