"""Web pages: not let in by default; by setting, with the preflight and the gateway's errors."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stacks.settings import SettingError, settings_of
from tests.infrastructure.conftest import Synth

PAGES = "https://a.example,https://b.example:8443"


@pytest.fixture(scope="module")
def pages(synth_stage: Callable[..., Synth]) -> Synth:
    return synth_stage("prod", cors_origins=PAGES)


def preflights(synth: Synth) -> list[dict[str, Any]]:
    methods = synth.resources("AWS::ApiGateway::Method").values()
    return [m["Properties"] for m in methods if m["Properties"]["HttpMethod"] == "OPTIONS"]


def problem_headers(synth: Synth) -> list[dict[str, str]]:
    responses = synth.resources("AWS::ApiGateway::GatewayResponse").values()
    return [response["Properties"]["ResponseParameters"] for response in responses]


def test_by_default_no_page_is_let_in(prod: Synth) -> None:
    assert not preflights(prod)
    assert not any("Access-Control" in name for h in problem_headers(prod) for name in h)
    variables = prod.function["Environment"]["Variables"]
    assert variables["CORS_ORIGINS"] == ""


def test_every_path_answers_a_preflight_without_a_key(pages: Synth) -> None:
    paths = len(pages.resources("AWS::ApiGateway::Resource")) + 1  # and the root
    assert len(preflights(pages)) == paths
    for method in preflights(pages):
        assert method["AuthorizationType"] == "NONE"
        assert not method.get("ApiKeyRequired")
        answer = json.dumps(method["Integration"]["IntegrationResponses"])
        assert "x-api-key" in answer and "Authorization" in answer
        assert all(page in answer for page in PAGES.split(","))


def test_a_page_can_read_the_gateways_errors_and_when_to_try_again(pages: Synth) -> None:
    for headers in problem_headers(pages):
        assert headers["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"
        exposed = headers["gatewayresponse.header.Access-Control-Expose-Headers"]
        assert exposed == "'Retry-After, X-Request-Id, X-Release-Id'"


def test_the_lambda_knows_the_pages(pages: Synth) -> None:
    variables = pages.function["Environment"]["Variables"]
    assert variables["CORS_ORIGINS"].split() == PAGES.split(",")


@pytest.mark.parametrize(
    "wrong",
    ["a.example", "https://a.example/", "https://a.example/path", "http://", "**", "'*'", "*,*"],
)
def test_what_is_no_origin_is_refused(wrong: str) -> None:
    with pytest.raises(SettingError, match="-c cors_origins="):
        settings_of("prod", {"cors_origins": wrong})


def test_all_and_some_is_refused() -> None:
    with pytest.raises(SettingError, match="either"):
        settings_of("prod", {"cors_origins": "*,https://a.example"})


def test_none_can_be_said() -> None:
    assert settings_of("prod", {"cors_origins": ""}).cors_origins == ()
