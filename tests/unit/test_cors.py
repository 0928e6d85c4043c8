"""Which pages a browser lets read the Lambda's answers."""

from collections.abc import Callable
from typing import Any

import pytest

from cors import cors_headers

PAGE, OTHER = "https://shop.example", "https://other.example"
EXPOSED = {"Access-Control-Expose-Headers": "Retry-After, X-Request-Id, X-Release-Id"}
Invoke = Callable[..., dict[str, Any]]


def asked_by(origin: str | None) -> dict[str, Any]:
    return {"headers": None if origin is None else {"oRIGIN": origin}}


@pytest.mark.parametrize("origin", [None, PAGE])
def test_without_the_setting_there_are_no_headers(origin: str | None) -> None:
    assert cors_headers([], asked_by(origin)) == {}


@pytest.mark.parametrize("origin", [None, PAGE])
def test_any_page_may_read_where_the_setting_says_so(origin: str | None) -> None:
    expected = {"Access-Control-Allow-Origin": "*", **EXPOSED}
    assert cors_headers(["*"], asked_by(origin)) == expected


def test_a_listed_page_may_read() -> None:
    expected = {"Access-Control-Allow-Origin": PAGE, **EXPOSED, "Vary": "Origin"}
    assert cors_headers([OTHER, PAGE], asked_by(PAGE)) == expected


@pytest.mark.parametrize(
    "origin", [None, "", "null", "*", OTHER, f"{PAGE}.evil.example", PAGE.replace("s:", ":")]
)
def test_another_page_may_not(origin: str | None) -> None:
    assert cors_headers([PAGE], asked_by(origin)) == {"Vary": "Origin"}


@pytest.mark.parametrize("path", ["/v1/health", "/v1/nothing"])
def test_answers_and_problems_have_the_headers(
    handler: Any, invoke: Invoke, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "CORS_ORIGINS", [PAGE])
    headers = invoke("GET", path, Origin=PAGE)["headers"]
    assert headers["Access-Control-Allow-Origin"] == PAGE
    assert "Access-Control-Allow-Origin" not in invoke("GET", path, Origin=OTHER)["headers"]
