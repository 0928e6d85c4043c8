"""An API Gateway event -> an answer or a problem. Only this file reads the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config

from cors import cors_headers
from inbox import Inbox
from model_code.features import load_extractor
from observation import Observation
from problems import Problem
from reply import problem_response, response_of
from routes import ROUTES, route
from served_release import load_release
from service import Service

# S3 takes no form by its global address from a region for a bucket that is new there; another
# S3 than AWS's may not be known by a name for each bucket.
ADDRESSING = "path" if "AWS_ENDPOINT_URL" in os.environ else "virtual"


def _client(service: str) -> Any:
    """Make a client; API Gateway waits 29 s, so both tries fit."""
    config = Config(
        connect_timeout=2,
        read_timeout=8,
        retries={"mode": "standard", "total_max_attempts": 2},
        signature_version="s3v4" if service == "s3" else None,
        s3={"addressing_style": ADDRESSING},
    )
    return botocore.session.get_session().create_client(service, config=config)


def _service() -> Service:
    """Load the release; the runtime's client is made once and keeps its connection."""
    file = Path(os.environ["RELEASE_FILE"])
    release = load_release(file)
    return Service(
        release=release,
        extract=load_extractor(release.extractor, file.parent),
        runtime=_client("sagemaker-runtime"),
        endpoint_name=os.environ["ENDPOINT_NAME"],
        inbox=Inbox(os.environ["INBOX"], lambda: _client("s3")),
        remaining_ms=lambda: 0,  # there is no request yet
    )


SERVICE = _service()
STAGE = os.environ["STAGE"]
CORS_ORIGINS = os.environ.get("CORS_ORIGINS", "").split()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request, let web pages read the answer where they may, and log one line."""
    request_id = event["requestContext"]["requestId"]
    path = event.get("path")
    seen = Observation(
        request_id=request_id,
        stage=STAGE,
        release=SERVICE.release.id,
        route=path if path in ROUTES else "unknown",  # what somebody made up is not logged
    )
    service = SERVICE._replace(remaining_ms=context.get_remaining_time_in_millis)
    response = _answer(event, service, request_id, seen)
    response["headers"] |= {"X-Request-Id": request_id, "X-Release-Id": SERVICE.release.id}
    response["headers"] |= cors_headers(CORS_ORIGINS, event)
    print(seen.line(response["statusCode"]))
    return response


def _answer(
    event: Mapping[str, Any], service: Service, request_id: str, seen: Observation
) -> dict[str, Any]:
    """Whatever happens, the answer says what it was; an error is a problem with the request id."""
    try:
        reply = route(event)(event, service, seen)
        return response_of(reply, release=service.release.id, request_id=request_id)
    except Problem as foreseen:
        problem = foreseen
    except Exception as error:
        problem = Problem("internal", "This is our fault. Tell us the request id.")
        problem.__cause__ = error
    seen.note_problem(problem)
    return problem_response(problem, request_id=request_id)
