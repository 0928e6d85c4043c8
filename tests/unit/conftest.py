"""The Lambda's handler with a real release and a stand-in for the endpoint."""

import base64
import importlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from model_code.release import Release, read_release

Invoke = Callable[..., dict[str, Any]]


class FakeRuntime:
    """Answers as the endpoint of `release` does, or as a test says."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.rows: list[str] = []
        self.scores = [1 / len(release.brands)] * len(release.brands)
        self.variant = release.id
        self.body: bytes | None = None
        self.error: Exception | None = None

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        self.rows.append(request["Body"])
        if self.error:
            raise self.error
        body = self.body
        if body is None:
            body = json.dumps({"predictions": [{"score": self.scores}]}).encode()
        return {"InvokedProductionVariant": self.variant, "Body": io.BytesIO(body)}


@pytest.fixture
def release(release_folder: Path) -> Release:
    return read_release(release_folder)


@pytest.fixture
def runtime(release: Release) -> FakeRuntime:
    return FakeRuntime(release)


@pytest.fixture
def handler(
    release_folder: Path, runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModuleType]:
    """Import the handler as Lambda does at a cold start."""
    monkeypatch.setenv("RELEASE_FILE", str(release_folder / "release.json"))
    monkeypatch.setenv("ENDPOINT_NAME", "an-endpoint")
    monkeypatch.setenv("STAGE", "dev")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-2")
    module = importlib.import_module("handler")
    monkeypatch.setattr(module, "CLIENT", runtime)
    yield module
    del sys.modules["handler"]


@pytest.fixture
def invoke(handler: ModuleType) -> Invoke:
    """Send one request through the handler; return its status, headers and parsed body."""

    def send(
        method: str = "POST",
        path: str = "/v1/predict",
        body: str | None = None,
        base64_encoded: bool = False,
        **headers: str,
    ) -> dict[str, Any]:
        event = {
            "httpMethod": method,
            "path": path,
            "headers": {name.replace("_", "-"): value for name, value in headers.items()},
            "body": body,
            "isBase64Encoded": base64_encoded,
            "requestContext": {
                "requestId": "request-1",
                "identity": {"sourceIp": "203.0.113.7"},
            },
        }
        response = handler.handler(event, None)
        return {**response, "document": json.loads(response["body"])}

    return send


@pytest.fixture
def photo(release_folder: Path, release: Release) -> bytes:
    return (release_folder / release.golden[0].photo).read_bytes()


@pytest.fixture
def post(invoke: Invoke) -> Invoke:
    """Post bytes as API Gateway hands them on."""

    def send(photo: bytes, content_type: str = "image/jpeg", **headers: str) -> dict[str, Any]:
        body = base64.b64encode(photo).decode()
        return invoke(body=body, base64_encoded=True, Content_Type=content_type, **headers)

    return send
