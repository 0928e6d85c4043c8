"""The API's contract: what each request is answered with."""

import base64
import io
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import (
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from PIL import Image

from model_code.features import calibrate, csv_row
from model_code.release import Release
from tests.unit.conftest import FakeRuntime, Invoke, client_error

Change = Callable[..., None]


def image_bytes(size: tuple[int, int], kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("1", size).save(file, kind)
    return file.getvalue()


def assert_problem(response: dict[str, Any], status: int, kind: str) -> None:
    document = response["document"]
    assert response["statusCode"] == document["status"] == status
    assert response["headers"]["Content-Type"] == "application/problem+json"
    assert document["type"].endswith(f":{kind}")
    assert document["request_id"] == "request-1"
    assert document["title"] and document["detail"]


def test_answers_with_the_brands_from_the_most_to_the_least_probable(
    post: Invoke, photo: bytes, release: Release, runtime: FakeRuntime
) -> None:
    count = len(release.brands)
    runtime.scores = [0.2 / (count - 1)] * (count - 1) + [0.8]
    document = post(photo)["document"]
    best = release.brands[-1]
    assert (document["brand"], document["name"]) == (best.id, best.name)
    assert document["release"] == release.id
    assert document["request_id"] == "request-1"
    shown = [row["probability"] for row in document["probabilities"]]
    calibrated = calibrate(runtime.scores, release.confidence.temperature)
    assert shown == sorted(calibrated, reverse=True)
    assert {row["brand"] for row in document["probabilities"]} == {b.id for b in release.brands}


def test_a_sure_answer_about_a_photo_that_is_like_a_brand_is_confident(
    post: Invoke, photo: bytes, runtime: FakeRuntime, served: Any, change_release: Change
) -> None:
    runtime.scores = [1.0, 0.0, 0.0]
    change_release(confidence=served.confidence._replace(min_likeness=0.9))
    assert post(photo)["document"]["confident"] is True


def test_an_unsure_answer_is_not_confident(
    post: Invoke, photo: bytes, served: Any, change_release: Change
) -> None:
    change_release(confidence=served.confidence._replace(min_probability=0.9))
    assert post(photo)["document"]["confident"] is False


def test_a_sure_answer_about_what_is_like_no_brand_is_not_confident(
    post: Invoke, runtime: FakeRuntime
) -> None:
    runtime.scores = [1.0, 0.0, 0.0]
    checks = Image.new("L", (64, 64), 255)
    for x, y in itertools.product(range(64), range(64)):
        checks.putpixel((x, y), 255 * ((x // 16 + y // 16) % 2))
    file = io.BytesIO()
    checks.save(file, "PNG")
    assert post(file.getvalue())["document"]["confident"] is False


def test_sends_the_features_that_the_model_was_trained_on(
    post: Invoke, photo: bytes, release: Release, runtime: FakeRuntime
) -> None:
    post(photo)
    assert runtime.rows == [csv_row(release.golden[0].features)]


@pytest.mark.parametrize("content_type", ["image/png", "image/webp", "application/octet-stream"])
def test_the_content_decides_not_which_photo_type_it_claims(
    post: Invoke, photo: bytes, content_type: str
) -> None:
    assert post(photo, content_type)["statusCode"] == 200


@pytest.mark.parametrize("encode", [base64.b64encode, base64.encodebytes], ids=["one", "lines"])
def test_takes_a_photo_as_base64_in_json(
    invoke: Invoke, photo: bytes, encode: Callable[[bytes], bytes]
) -> None:
    body = json.dumps({"photo": encode(photo).decode()})
    response = invoke(body=body, content_type="application/json; charset=utf-8")
    assert response["statusCode"] == 200


def test_health_and_model_tell_of_the_release(invoke: Invoke, release: Release) -> None:
    assert invoke("GET", "/v1/health")["document"]["release"] == release.id
    model = invoke("GET", "/v1/model")["document"]
    assert model["release"] == release.id
    assert [row["brand"] for row in model["brands"]] == [brand.id for brand in release.brands]
    assert model["metrics"] == release.metrics


@pytest.mark.parametrize(
    ("photo", "status", "kind"),
    [
        (b"", 400, "empty"),
        (b"just text, named .jpg", 415, "not-a-photo"),
        (b"GIF89a" + bytes(100), 415, "not-a-photo"),
        (b"\xff\xd8\xff\xe0" + bytes(200), 422, "damaged"),
        (bytes(4_500_001), 413, "too-large"),
        (image_bytes((10_000, 10_000)), 413, "too-many-pixels"),
        (image_bytes((8, 8)), 422, "too-small"),
        (image_bytes((2000, 2000), "JPEG")[:5000], 422, "damaged"),
    ],
    ids=lambda value: f"{len(value)} bytes" if isinstance(value, bytes) else str(value),
)
def test_a_bad_photo_is_a_problem_that_says_what_would_work(
    post: Invoke, runtime: FakeRuntime, photo: bytes, status: int, kind: str
) -> None:
    assert_problem(post(photo), status, kind)
    assert not runtime.rows


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (None, "invalid-json"),
        ("", "invalid-json"),
        ("{", "invalid-json"),
        ("[" * 100_000, "invalid-json"),
        ("[]", "invalid-json"),
        ('{"photo": 1}', "invalid-json"),
        ('{"image": "aGk="}', "invalid-json"),
        ('{"photo": "a photo?"}', "invalid-base64"),
        ('{"photo": "닭"}', "invalid-base64"),
        ('{"photo": ""}', "empty"),
    ],
)
def test_bad_json_is_a_problem(invoke: Invoke, body: str | None, kind: str) -> None:
    assert_problem(invoke(body=body, Content_Type="application/json"), 400, kind)


@pytest.mark.parametrize("content_type", ["text/plain", "image/gif", "multipart/mixed", ""])
def test_another_content_type_is_a_problem(post: Invoke, photo: bytes, content_type: str) -> None:
    assert_problem(post(photo, content_type), 415, "unsupported-media-type")


def test_a_missing_content_type_is_a_problem(invoke: Invoke) -> None:
    assert_problem(invoke(body="x"), 415, "unsupported-media-type")


def test_an_unknown_path_or_method_is_a_problem(invoke: Invoke) -> None:
    assert_problem(invoke("GET", "/v2/predict"), 404, "not-found")
    response = invoke("GET", "/v1/predict")
    assert_problem(response, 405, "method-not-allowed")
    assert response["headers"]["Allow"] == "POST"


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (client_error("ThrottlingException"), 503, "endpoint-busy"),
        (client_error("ServiceUnavailable"), 503, "endpoint-busy"),
        (client_error("ModelNotReadyException"), 503, "endpoint-gone"),
        (client_error("ValidationError"), 503, "endpoint-gone"),
        (client_error("ModelError"), 502, "endpoint-failed"),
        (client_error("AccessDeniedException"), 502, "endpoint-failed"),
        (ReadTimeoutError(endpoint_url="secret"), 504, "endpoint-timeout"),
        (ConnectTimeoutError(endpoint_url="secret"), 504, "endpoint-timeout"),
        (EndpointConnectionError(endpoint_url="secret"), 503, "endpoint-gone"),
        (RuntimeError("secret"), 500, "internal"),
    ],
    ids=str,
)
def test_an_endpoint_in_trouble_is_a_problem_without_its_inner_workings(
    post: Invoke, photo: bytes, runtime: FakeRuntime, error: Exception, status: int, kind: str
) -> None:
    runtime.error = error
    response = post(photo)
    assert_problem(response, status, kind)
    assert "secret" not in response["body"]
    assert ("Retry-After" in response["headers"]) == (status in (503, 504))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"predictions": []}',
        b'{"predictions": [{"score": [1.0]}]}',
        b'{"predictions": [{"score": ["a", "b", "c"]}]}',
        b'{"predictions": [{"score": [NaN, 0.5, 0.5]}]}',
        b'{"predictions": [{"score": [-1, 1, 1]}]}',
        b'{"predictions": [{"score": [0.9, 0.9, 0.9]}]}',
    ],
)
def test_an_endpoint_that_answers_nonsense_is_a_problem(
    post: Invoke, photo: bytes, runtime: FakeRuntime, body: bytes
) -> None:
    runtime.body = body
    assert_problem(post(photo), 502, "endpoint-failed")


def test_an_answer_of_another_release_is_dropped(
    post: Invoke, photo: bytes, runtime: FakeRuntime
) -> None:
    runtime.variant = "another"
    assert_problem(post(photo), 502, "other-release")


def test_head_is_answered_as_get(invoke: Invoke) -> None:
    assert invoke("HEAD", "/v1/health")["statusCode"] == 200
    assert invoke("HEAD", "/v1/predict")["statusCode"] == 405


def test_a_row_of_another_length_is_never_sent(
    post: Invoke, photo: bytes, runtime: FakeRuntime, served: Any, change_release: Change
) -> None:
    change_release(selection=served.selection[:-1])
    assert_problem(post(photo), 500, "internal")
    assert not runtime.rows
