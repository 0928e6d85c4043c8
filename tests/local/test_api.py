"""The deployed API over HTTP: answers, and errors that say what to do."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from model_code.predict import by_release
from model_code.release import Release, read_release
from tests.local.conftest import SERVICE, Answer, Deployment

JPEG = "image/jpeg"


@pytest.fixture(scope="module")
def release(release_folder: Path) -> Release:
    return read_release(release_folder)


@pytest.fixture(scope="module")
def photo(release_folder: Path, release: Release) -> bytes:
    return (release_folder / release.golden[1].photo).read_bytes()


def assert_problem(answer: Answer, status: int, kind: str) -> None:
    assert answer.status == answer.document["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.document["type"].endswith(f":{kind}")
    assert answer.document["request_id"]


def test_a_photo_gets_its_brand(
    deployment: Deployment, release: Release, release_folder: Path, photo: bytes
) -> None:
    answer = deployment.request("POST", "/v1/predict", photo, Content_Type="image/png")
    assert answer.status == 200
    golden = release.golden[1]
    assert answer.document["brand"] == golden.brand
    assert answer.document["release"] == release.id
    predicted = by_release(release_folder)(release_folder / golden.photo)
    assert answer.document["confident"] == predicted.confident
    probabilities = {row["brand"]: row["probability"] for row in answer.document["probabilities"]}
    expected = dict(zip([brand.id for brand in release.brands], golden.probabilities, strict=True))
    assert probabilities == pytest.approx(expected, abs=1e-6)


def test_a_photo_in_json_gets_the_same_answer(deployment: Deployment, photo: bytes) -> None:
    body = json.dumps({"photo": base64.b64encode(photo).decode()}).encode()
    in_json = deployment.request("POST", "/v1/predict", body, Content_Type="application/json")
    direct = deployment.request("POST", "/v1/predict", photo, Content_Type="image/png")
    assert in_json.document["probabilities"] == direct.document["probabilities"]


def test_health_and_model(deployment: Deployment, release: Release) -> None:
    assert deployment.request("GET", "/v1/health").document["status"] == "alive"
    model = deployment.request("GET", "/v1/model").document
    assert model["release"] == release.id
    assert model["metrics"]["test"]["micro_f1"] == release.metrics["test"]["micro_f1"]


def test_the_golden_photos_agree(deployment: Deployment, release_folder: Path) -> None:
    result = deployment.model_code("replay", release_folder, "--url", deployment.url)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("agrees") == 3


def test_replaying_another_release_disagrees(
    deployment: Deployment, other_release_folder: Path
) -> None:
    result = deployment.model_code("replay", other_release_folder, "--url", deployment.url)
    assert result.returncode == 1
    assert f"instead of {other_release_folder.name}" in result.stdout


def test_predict_asks_the_endpoint_directly(
    deployment: Deployment, release_folder: Path, photo_folder: Path
) -> None:
    endpoint = deployment.output(SERVICE, "EndpointName")
    options = ["--release", str(release_folder), "--endpoint", endpoint]
    result = deployment.model_code("predict", photo_folder, *options)
    assert result.returncode == 0, result.stderr
    assert "of 36 right" in result.stdout


def test_predict_refuses_an_endpoint_of_another_release(
    deployment: Deployment, other_release_folder: Path, photo_folder: Path
) -> None:
    endpoint = deployment.output(SERVICE, "EndpointName")
    options = ["--release", str(other_release_folder), "--endpoint", endpoint]
    result = deployment.model_code("predict", photo_folder, *options)
    assert result.returncode == 1
    assert "error: Endpoint" in result.stderr


@pytest.mark.parametrize(
    ("body", "content_type", "status", "kind"),
    [
        (b"", JPEG, 400, "empty"),
        (b"a text file, named .jpg", JPEG, 415, "not-a-photo"),
        (np.random.default_rng(1).bytes(5_000_000), JPEG, 413, "too-large"),
        (b"GIF89a" + bytes(50), "image/gif", 415, "unsupported-media-type"),
        (b"{}", "application/json", 400, "invalid-json"),
        (b'{"photo": "?"}', "application/json", 400, "invalid-base64"),
    ],
    ids=["empty", "text", "noise", "gif", "json", "base64"],
)
def test_bad_input_is_a_problem_document(
    deployment: Deployment, body: bytes, content_type: str, status: int, kind: str
) -> None:
    answer = deployment.request("POST", "/v1/predict", body, Content_Type=content_type)
    assert_problem(answer, status, kind)


def test_half_a_photo_is_a_problem_document(deployment: Deployment, photo: bytes) -> None:
    half = photo[: len(photo) // 2]
    answer = deployment.request("POST", "/v1/predict", half, Content_Type=JPEG)
    assert_problem(answer, 422, "damaged")


@pytest.mark.parametrize("path", ["/v1", "/v1/predict/", "/v1/nothing", "/v2/predict"])
def test_an_unknown_path_is_a_problem_document(deployment: Deployment, path: str) -> None:
    assert_problem(deployment.request("GET", path), 404, "not-found")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_a_problem_document(deployment: Deployment, method: str) -> None:
    answer = deployment.request(method, "/v1/predict")
    assert_problem(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"] == "POST"


@pytest.fixture
def no_endpoint(deployment: Deployment) -> Iterator[None]:
    """Delete the endpoint behind the API's back, and put it there again."""
    sagemaker = deployment.cloud.client("sagemaker")
    name = deployment.output(SERVICE, "EndpointName")
    config = sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    sagemaker.delete_endpoint(EndpointName=name)
    yield
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)


@pytest.mark.usefixtures("no_endpoint")
def test_an_endpoint_that_is_gone_is_a_problem_document(
    deployment: Deployment, photo: bytes
) -> None:
    answer = deployment.request("POST", "/v1/predict", photo, Content_Type=JPEG)
    assert_problem(answer, 503, "endpoint-gone")
    assert answer.headers["Retry-After"] == "30"


@pytest.fixture
def another_behind(deployment: Deployment) -> Iterator[None]:
    """Let the endpoint serve a variant that is not the Lambda's release."""
    sagemaker = deployment.cloud.client("sagemaker")
    name = deployment.output(SERVICE, "EndpointName")
    config = sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    variants = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    renamed = [{**variant, "VariantName": "another"} for variant in variants]
    sagemaker.create_endpoint_config(EndpointConfigName="another", ProductionVariants=renamed)
    sagemaker.update_endpoint(EndpointName=name, EndpointConfigName="another")
    yield
    sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)
    sagemaker.delete_endpoint_config(EndpointConfigName="another")


@pytest.mark.usefixtures("another_behind")
def test_an_answer_of_another_release_is_never_passed_on(
    deployment: Deployment, photo: bytes
) -> None:
    answer = deployment.request("POST", "/v1/predict", photo, Content_Type=JPEG)
    assert_problem(answer, 502, "other-release")
