"""What the gateway answers by itself: problem documents, and when to try again."""

import json
from typing import Any

import pytest

from tests.infrastructure.conftest import Synth


@pytest.fixture(scope="module")
def responses(prod: Synth) -> dict[str, Any]:
    return {
        resource["Properties"]["ResponseType"]: resource["Properties"]
        for resource in prod.resources("AWS::ApiGateway::GatewayResponse").values()
    }


def document(response: dict[str, Any]) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(response["ResponseTemplates"]["application/json"])
    return parsed


def header(response: dict[str, Any], name: str) -> str | None:
    value: str | None = response["ResponseParameters"].get(f"gatewayresponse.header.{name}")
    return value


def test_all_of_them_are_problem_documents(responses: dict[str, Any]) -> None:
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= set(responses)
    for response in responses.values():
        problem = document(response)
        assert problem["type"] and problem["title"] and problem["detail"]
        assert problem["request_id"] == "$context.requestId"
        assert header(response, "Content-Type") == "'application/problem+json'"
        assert header(response, "X-Request-Id") == "context.requestId"


@pytest.mark.parametrize(
    ("response_type", "status", "kind"),
    [
        ("REQUEST_TOO_LARGE", 413, "too-large"),
        ("UNSUPPORTED_MEDIA_TYPE", 415, "unsupported-media-type"),
        ("INVALID_API_KEY", 403, "key-refused"),
        ("MISSING_AUTHENTICATION_TOKEN", 403, "not-signed"),
        ("ACCESS_DENIED", 403, "access-denied"),
        ("WAF_FILTERED", 403, "blocked"),
        ("THROTTLED", 429, "throttled"),
        ("QUOTA_EXCEEDED", 429, "quota-exceeded"),
        ("INTEGRATION_TIMEOUT", 504, "timeout"),
    ],
)
def test_each_says_what_is_wrong(
    responses: dict[str, Any], response_type: str, status: int, kind: str
) -> None:
    response = responses[response_type]
    assert response["StatusCode"] == str(status)
    assert document(response)["status"] == status
    assert document(response)["type"] == f"urn:chicklearning:problem:{kind}"


@pytest.mark.parametrize(
    ("response_type", "seconds"),
    [("THROTTLED", "'1'"), ("QUOTA_EXCEEDED", "'3600'"), ("WAF_FILTERED", None)],
)
def test_those_that_pass_say_when_to_try_again(
    responses: dict[str, Any], response_type: str, seconds: str | None
) -> None:
    assert header(responses[response_type], "Retry-After") == seconds
