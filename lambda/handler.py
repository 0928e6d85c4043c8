"""An API Gateway event -> a brand, or a problem document. Only this file reads the environment."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config

from cors import cors_headers
from endpoint import probabilities
from model_code.features import PhotoError, calibrate, is_confident, load_extractor, select
from observation import Observation
from photo_request import photo_of
from problems import Problem, from_photo_error
from served_release import load_release

RELEASE_FILE = Path(os.environ["RELEASE_FILE"])
RELEASE = load_release(RELEASE_FILE)
EXTRACT = load_extractor(RELEASE.extractor, RELEASE_FILE.parent)
ENDPOINT_NAME = os.environ["ENDPOINT_NAME"]
STAGE = os.environ["STAGE"]
CORS_ORIGINS = os.environ.get("CORS_ORIGINS", "").split()
# API Gateway waits 29 s, so both tries fit; the client is made once and keeps its connection.
CLIENT = botocore.session.get_session().create_client(
    "sagemaker-runtime",
    config=Config(
        connect_timeout=2,
        read_timeout=8,
        retries={"mode": "standard", "total_max_attempts": 2},
    ),
)

JSON = {"Content-Type": "application/json"}
PROBLEM_JSON = {"Content-Type": "application/problem+json"}


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's
    """Answer one request, let web pages read the answer where they may, and log one line."""
    request_id = event["requestContext"]["requestId"]
    path = event.get("path")
    seen = Observation(
        request_id=request_id,
        stage=STAGE,
        release=RELEASE.id,
        route=path if path in ROUTES else "unknown",  # what somebody made up is not logged
    )
    response = _answer(event, request_id, seen)
    response["headers"] |= cors_headers(CORS_ORIGINS, event)
    print(seen.line(response["statusCode"]))
    return response


def _answer(event: Mapping[str, Any], request_id: str, seen: Observation) -> dict[str, Any]:
    """Whatever happens, the answer is JSON with the request id."""
    try:
        document = {**_route(event, seen), "release": RELEASE.id, "request_id": request_id}
        return _response(200, document, JSON)
    except Problem as foreseen:
        problem = foreseen
    except Exception as error:
        problem = Problem("internal", "This is our fault. Tell us the request id.")
        problem.__cause__ = error
    seen.note_problem(problem)
    return _problem_response(problem, request_id)


def _predict(event: Mapping[str, Any], seen: Observation) -> dict[str, Any]:
    photo = photo_of(event)
    seen.note(photo_bytes=len(photo))
    with seen.timed("ExtractMs"):
        features = _features(photo)
    with seen.timed("EndpointMs"):
        raw = probabilities(CLIENT, ENDPOINT_NAME, RELEASE, features)
    scores = calibrate(raw, RELEASE.confidence.temperature)
    ranking = sorted(zip(RELEASE.brands, scores, strict=True), key=lambda pair: -pair[1])
    best, probability = ranking[0]
    confident = is_confident(scores, features, RELEASE.confidence)
    seen.note(brand=best, probability=round(probability, 4), confident=confident)
    return {
        "brand": best,
        "name": RELEASE.names[best],
        "confident": confident,
        "probabilities": [
            {"brand": brand, "name": RELEASE.names[brand], "probability": score}
            for brand, score in ranking
        ],
    }


def _features(photo: bytes) -> Sequence[float]:
    try:
        return select(EXTRACT(photo), RELEASE.selection)
    except PhotoError as error:
        raise from_photo_error(error) from error


def _health(_: Mapping[str, Any], __: Observation) -> dict[str, Any]:
    return {"status": "alive"}


def _model(_: Mapping[str, Any], __: Observation) -> dict[str, Any]:
    brands = [{"brand": brand, "name": RELEASE.names[brand]} for brand in RELEASE.brands]
    return {"brands": brands, "extractor": RELEASE.extractor, "metrics": RELEASE.metrics}


Answer = Callable[[Mapping[str, Any], Observation], dict[str, Any]]
ROUTES: dict[str, dict[str, Answer]] = {
    "/v1/predict": {"POST": _predict},
    "/v1/health": {"GET": _health},
    "/v1/model": {"GET": _model},
}


def _route(event: Mapping[str, Any], seen: Observation) -> dict[str, Any]:
    methods = ROUTES.get(event["path"])
    if methods is None:
        raise Problem("not-found", f"The paths are: {', '.join(ROUTES)}.")
    method = event["httpMethod"]
    answer = methods.get("GET" if method == "HEAD" else method)
    if answer is None:
        allowed = ", ".join(methods)
        raise Problem("method-not-allowed", f"Use {allowed}.", headers={"Allow": allowed})
    return answer(event, seen)


def _problem_response(problem: Problem, request_id: str) -> dict[str, Any]:
    headers = {**PROBLEM_JSON, **problem.headers}
    return _response(problem.status, problem.document(request_id), headers)


def _response(status: int, document: Mapping[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    body = json.dumps(document, ensure_ascii=False) + "\n"
    return {"statusCode": int(status), "headers": dict(headers), "body": body}
