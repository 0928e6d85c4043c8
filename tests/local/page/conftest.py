"""The deployed page in a real browser, which is watched: no other origin, no error, no refusal."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    FilePayload,
    Page,
    Request,
    Route,
)

from tests.chromium import chromium
from tests.local.conftest import Deployment

OpenPage = Callable[..., Page]

SURE = {
    "brand": "kyochon", "name": "교촌", "confident": True,
    "probabilities": [
        {"brand": "kyochon", "name": "교촌", "probability": 0.962},
        {"brand": "nene", "name": "네네", "probability": 0.033},
        {"brand": "BBQ", "name": "BBQ", "probability": 0.005},
    ],
    "release": "7095baa4b6dd22fd", "request_id": "158b8b31-bdbf-4432-bc6a-25958c838240",
}  # fmt: skip
NOT_SURE = {**SURE, "confident": False}
KEY_REFUSED = {
    "type": "urn:chicklearning:problem:key-refused",
    "title": "The API key is missing or not valid",
    "detail": "Send your API key in the header x-api-key.",
}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start Chromium for this folder only: Playwright keeps an event loop in this thread."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser, deployment: Deployment) -> Iterator[OpenPage]:
    """Open the page as a new visitor; afterwards it must have kept to itself, without an error."""
    visitors = []
    origin = "{0.scheme}://{0.netloc}/".format(urlsplit(deployment.url))
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # The browser notes each answer that is an error, also those that the page expects.
        if not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    def watch(request: Request) -> None:
        if not request.url.startswith((origin, "blob:" + origin, "data:")):
            complaints.append(f"asked {request.url}")

    def open_page(address: str = deployment.url + "/", **options: Any) -> Page:
        visitor = browser.new_context(**options)
        visitor.set_default_timeout(10_000)
        visitors.append(visitor)
        page = visitor.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", watch)
        page.goto(address)
        return page

    yield open_page
    for visitor in visitors:
        for page in visitor.pages:
            page.unroute_all(behavior="ignoreErrors")  # some are never answered
        visitor.close()
    assert complaints == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()


def stub(page: Page, path: str, document: Any, status: int = 200, **headers: str) -> list[Request]:
    """Answer `path` in the API's place; return the list that its requests are added to."""
    asked: list[Request] = []
    body = document if isinstance(document, str) else json.dumps(document)
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(route: Route) -> None:
        asked.append(route.request)
        route.fulfill(
            status=status, body=body, headers={"content-type": "application/json"} | named
        )

    page.route(f"**/{path}", answer)
    return asked


def said(request: Request) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(request.post_data or "")
    return document


def jpeg(width: int = 64, height: int = 48, name: str = "photo.jpg", **options: Any) -> FilePayload:
    """Make a photo that is red in its left half and blue in its right half."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **options)
    return file(name, buffer.getvalue(), "image/jpeg")


def file(name: str, content: bytes, mime_type: str = "text/plain") -> FilePayload:
    return {"name": name, "mimeType": mime_type, "buffer": content}


def choose(page: Page, *files: FilePayload) -> None:
    page.get_by_label("Choose photos").set_input_files(list(files))
