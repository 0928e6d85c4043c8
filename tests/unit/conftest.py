"""The Lambda's handler with a real release and a stand-in for the endpoint."""

import base64
import importlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session

from inbox import Inbox
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
            rows = request["Body"].count("\n") + 1
            body = json.dumps({"predictions": [{"score": self.scores}] * rows}).encode()
        return {"InvokedProductionVariant": self.variant, "Body": io.BytesIO(body)}


class FakeS3:
    """A bucket in memory, or an S3 that fails as a test says."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.error: Exception | None = None

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        self._fail()
        if Key not in self.objects:
            raise client_error("NoSuchKey", "GetObject")
        body = self.objects[Key]
        return {"ContentLength": len(body), "Body": io.BytesIO(body)}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **more: str) -> None:  # noqa: N803
        self._fail()
        if more.get("IfNoneMatch") == "*" and Key in self.objects:
            raise client_error("PreconditionFailed", "PutObject")
        self.objects[Key] = Body

    def generate_presigned_post(self, *arguments: Any, **more: Any) -> dict[str, Any]:
        self._fail()
        s3 = get_session().create_client("s3", config=Config(signature_version="s3v4"))
        return dict(s3.generate_presigned_post(*arguments, **more))

    def _fail(self) -> None:
        if self.error:
            raise self.error


def client_error(code: str, operation: str = "InvokeEndpoint") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "secret"}}, operation)


@pytest.fixture
def s3() -> FakeS3:
    return FakeS3()


@pytest.fixture
def release(release_folder: Path) -> Release:
    return read_release(release_folder)


@pytest.fixture
def runtime(release: Release) -> FakeRuntime:
    return FakeRuntime(release)


@pytest.fixture(scope="session")
def cold_start(release_folder: Path) -> Iterator[ModuleType]:
    """Import the handler as Lambda does at a cold start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELEASE_FILE", str(release_folder / "release.json"))
        patch.setenv("ENDPOINT_NAME", "an-endpoint")
        patch.setenv("INBOX", "an-inbox")
        patch.setenv("STAGE", "dev")
        patch.setenv("AWS_DEFAULT_REGION", "ap-northeast-2")
        yield importlib.import_module("handler")


@pytest.fixture
def handler(
    cold_start: ModuleType, runtime: FakeRuntime, s3: FakeS3, monkeypatch: pytest.MonkeyPatch
) -> ModuleType:
    """Return the handler with stand-ins for what it calls."""
    inbox = Inbox("an-inbox", lambda: s3)
    service = cold_start.SERVICE._replace(runtime=runtime, inbox=inbox)
    monkeypatch.setattr(cold_start, "SERVICE", service)
    return cold_start


class Clock:
    """What Lambda hands over with a request: here a time that does not run by itself."""

    def __init__(self) -> None:
        self.remaining = 25_000  # ms

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def invoke(handler: ModuleType, clock: Clock) -> Invoke:
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
        response = handler.handler(event, clock)
        is_json = "json" in response["headers"]["Content-Type"]
        return {**response, "document": json.loads(response["body"]) if is_json else None}

    return send


@pytest.fixture
def change_release(handler: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that lets the handler serve a release that differs in some members."""

    def change(**members: Any) -> None:
        release = handler.SERVICE.release._replace(**members)
        monkeypatch.setattr(handler, "SERVICE", handler.SERVICE._replace(release=release))

    return change


@pytest.fixture
def served(handler: ModuleType) -> Any:
    """Return the release as the handler has it."""
    return handler.SERVICE.release


@pytest.fixture
def post_json(invoke: Invoke) -> Invoke:
    """Post a document as JSON."""

    def send(path: str, document: object) -> dict[str, Any]:
        return invoke(path=path, body=json.dumps(document), Content_Type="application/json")

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
