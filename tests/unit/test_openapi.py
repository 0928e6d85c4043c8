"""The OpenAPI document says what the code says: routes, problems, answers."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from problems import PROBLEMS
from routes import ROUTES
from stacks.gateway_problems import GATEWAY_PROBLEMS
from tests.unit.conftest import FakeS3, Invoke

URN = "urn:chicklearning:problem:"
REQUEST = "158b8b31-bdbf-4432-bc6a-25958c838240"
Document = dict[str, Any]


@pytest.fixture
def document(invoke: Invoke) -> Document:
    response = invoke("GET", "/v1/openapi.json")
    assert response["headers"]["Content-Type"] == "application/json"
    found: Document = response["document"]
    return found


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def problems(document: Document) -> set[tuple[str, str, str]]:
    """Return each problem of the document: kind, status, and the titles beside it."""
    return {
        (kind.removeprefix(URN), status, response["description"])
        for _, _, operation in operations(document)
        for status, response in operation["responses"].items()
        for schema in [response["content"].get("application/problem+json", {}).get("schema")]
        if schema
        for kind in schema["allOf"][1]["properties"]["type"]["enum"]
    }


def test_it_has_every_route_and_no_other(document: Document) -> None:
    written = {(path, method) for path, method, _ in operations(document)}
    assert written == {(path, method) for path, methods in ROUTES.items() for method in methods}


def test_it_has_every_problem_of_the_lambda_and_of_the_gateway_and_no_other(
    document: Document,
) -> None:
    any_request = ("not-found", "method-not-allowed")
    of_lambda = {
        (kind, "4XX" if kind in any_request else str(int(status)), title)
        for kind, (status, title) in PROBLEMS.items()
    }
    of_gateway = {
        (problem.kind, str(problem.status or f"{response_type.response_type[8]}XX"), problem.title)
        for response_type, problem in GATEWAY_PROBLEMS.items()
    }
    expected = of_lambda | of_gateway
    found = problems(document)
    assert {(kind, status) for kind, status, _ in found} == {(k, s) for k, s, _ in expected}
    for kind, status, title in expected:
        assert any(title in said for k, s, said in found if (k, s) == (kind, status)), kind


def test_every_operation_has_the_problems_that_any_request_may_have(document: Document) -> None:
    for path, _, operation in operations(document):
        assert {"403", "429", "504", "4XX", "5XX"} <= set(operation["responses"]), path


def test_what_is_open_says_so(document: Document) -> None:
    is_open = {
        path for path, _, operation in operations(document) if operation.get("security") == []
    }
    assert is_open == {"/", "/v1/health", "/v1/openapi.json"}


def test_a_method_that_is_not_there_is_told_with_those_that_are(document: Document) -> None:
    for path, _, operation in operations(document):
        assert "Allow" in operation["responses"]["4XX"]["headers"], path


def test_it_knows_every_way_to_be_let_in(document: Document) -> None:
    named = {name for ways in document["security"] for name in ways}
    assert named == set(document["components"]["securitySchemes"]) == {"key", "iam"}


def test_each_reference_leads_somewhere(document: Document) -> None:
    for reference in references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for member in value.values():
            yield from references(member)
    elif isinstance(value, list):
        for member in value:
            yield from references(member)


def check(document: Document, name: str, instance: object) -> None:
    """Hold a value to one of the document's schemas."""
    schema = {**document, "$ref": f"#/components/schemas/{name}"}
    Draft202012Validator(schema).validate(instance)


def test_answers_are_as_described(
    document: Document, invoke: Invoke, post: Invoke, post_json: Invoke, photo: bytes, served: Any
) -> None:
    text = base64.b64encode(photo).decode()
    several = {"photos": [text, "?"]}
    feedback = {"request_id": REQUEST, "brand": served.brands[0]}
    upload = {"content_type": "image/jpeg"}
    for name, answer in {
        "Health": invoke("GET", "/v1/health"),
        "Model": invoke("GET", "/v1/model"),
        "Answer": post(photo),
        "Answers": post_json("/v1/predict", several),
        "Upload": post_json("/v1/uploads", upload),
        "Feedback": post_json("/v1/feedback", feedback),
        "Problem": post(b"a text"),
    }.items():
        check(document, name, answer["document"])
    check(document, "PredictRequest", several)
    check(document, "UploadRequest", upload)
    check(document, "FeedbackRequest", feedback)


def test_its_example_can_be_sent(document: Document, post_json: Invoke, s3: FakeS3) -> None:
    content = document["paths"]["/v1/predict"]["post"]["requestBody"]["content"]
    example = content["application/json"]["examples"]["photo"]["value"]
    assert json.dumps(example) and post_json("/v1/predict", example)["statusCode"] == 200
