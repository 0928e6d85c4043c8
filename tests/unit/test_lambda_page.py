"""The page's headers, and the ids on each answer."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from tests.unit.conftest import Invoke

PAGE = Path(__file__).parents[2] / "lambda" / "page.html"


def policy_of(headers: dict[str, str]) -> dict[str, str]:
    directives = headers["Content-Security-Policy"].split("; ")
    return dict(directive.split(" ", 1) for directive in directives)


def test_the_page_is_html_that_nothing_frames_or_sniffs(invoke: Invoke) -> None:
    response = invoke("GET", "/")
    assert (response["statusCode"], response["body"]) == (200, PAGE.read_text(encoding="utf-8"))
    headers = response["headers"]
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    policy = policy_of(headers)
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["connect-src"] == "'self'"


@pytest.mark.parametrize("element", ["script", "style"])
def test_its_own_script_and_style_run_and_no_other(invoke: Invoke, element: str) -> None:
    allowed = policy_of(invoke("GET", "/")["headers"])[f"{element}-src"].split()
    inline = re.findall(
        rf"<{element}>(.*?)</{element}>", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    hashes = [hashlib.sha256(text.encode()).digest() for text in inline]
    assert allowed == [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in hashes] != []


@pytest.mark.parametrize("attribute", [r"\son\w+=", r"\sstyle=", r"<script\s", r"<style\s"])
def test_the_page_has_nothing_that_its_policy_forbids(attribute: str) -> None:
    html = re.sub(
        r"<(script|style)>.*?</\1>", "", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    assert not re.search(attribute, html)


@pytest.mark.parametrize("path", ["/", "/v1/health", "/v1/nothing", "/v1/predict"])
def test_each_answer_has_its_ids_in_its_headers(
    invoke: Invoke, release_folder: Path, path: str
) -> None:
    headers = invoke("GET", path)["headers"]
    assert headers["X-Request-Id"] == "request-1"
    assert headers["X-Release-Id"] == release_folder.name
