"""Who may call the API, by setting, and what a key may do."""

from collections.abc import Callable
from typing import Any

import pytest

from stacks.settings import SettingError, settings_of
from tests.infrastructure.conftest import Synth

OPEN = {"/", "/v1/health", "/v1/openapi.json"}


def methods(synth: Synth) -> dict[str, dict[str, Any]]:
    """Return the methods that reach the Lambda, by path."""
    resources = synth.resources("AWS::ApiGateway::Resource")

    def path(reference: dict[str, Any]) -> str:
        if "Ref" not in reference:
            return ""
        resource = resources[reference["Ref"]]["Properties"]
        return f"{path(resource['ParentId'])}/{resource['PathPart']}"

    return {
        path(method["Properties"]["ResourceId"]) or "/": method["Properties"]
        for method in synth.resources("AWS::ApiGateway::Method").values()
        if method["Properties"]["Integration"]["Type"] == "AWS_PROXY"
    }


def needs_key(synth: Synth) -> set[str]:
    return {path for path, method in methods(synth).items() if method["ApiKeyRequired"]}


def test_dev_is_open(dev: Synth) -> None:
    assert not needs_key(dev)
    assert {method["AuthorizationType"] for method in methods(dev).values()} == {"NONE"}
    assert not dev.resources("AWS::ApiGateway::ApiKey")
    assert not dev.resources("AWS::ApiGateway::UsagePlan")


def test_prod_wants_a_key_for_all_but_page_health_and_description(prod: Synth) -> None:
    assert needs_key(prod) == set(methods(prod)) - OPEN
    kept = {"/{proxy+}", "/v1/predict", "/v1/uploads", "/v1/feedback", "/v1/model"}
    assert kept <= needs_key(prod)


def test_every_method_of_every_path_reaches_the_lambda(prod: Synth) -> None:
    assert {method["HttpMethod"] for method in methods(prod).values()} == {"ANY"}


def test_a_key_has_a_rate_and_a_quota_on_this_stage(prod: Synth) -> None:
    plan = prod.properties("AWS::ApiGateway::UsagePlan")
    settings = settings_of("prod", {})
    assert plan["Throttle"] == {
        "RateLimit": settings.key_rate,
        "BurstLimit": settings.key_burst,
    }
    assert plan["Quota"] == {"Limit": settings.key_quota, "Period": "DAY"}
    (stage,) = prod.resources("AWS::ApiGateway::Stage")
    assert plan["ApiStages"][0]["Stage"] == {"Ref": stage}


def test_a_key_is_told_by_its_id_and_never_by_its_value(prod: Synth) -> None:
    (key,) = prod.resources("AWS::ApiGateway::ApiKey")
    assert "Value" not in prod.properties("AWS::ApiGateway::ApiKey")
    output = prod.service.find_outputs("ApiKeyIdDefault")["ApiKeyIdDefault"]
    assert output["Value"] == {"Ref": key}
    assert "get-api-key" in output["Description"]


def test_another_holder_leaves_the_first_key_as_it_is(
    prod: Synth, synth_stage: Callable[..., Synth]
) -> None:
    two = synth_stage("prod", api_keys="default,partner")
    first, both = (set(synth.resources("AWS::ApiGateway::ApiKey")) for synth in (prod, two))
    assert first < both
    assert "ApiKeyIdPartner" in two.service.find_outputs("*")


def test_iam_wants_a_signature_for_the_same(synth_stage: Callable[..., Synth]) -> None:
    iam = synth_stage("prod", auth="iam")
    types = {path: method["AuthorizationType"] for path, method in methods(iam).items()}
    assert {types.pop(path) for path in OPEN} == {"NONE"}
    assert set(types.values()) == {"AWS_IAM"}
    assert not needs_key(iam)
    assert not iam.resources("AWS::ApiGateway::ApiKey")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"auth": "password"}, "-c auth=password: Input should be 'none', 'key' or 'iam'"),
        ({"api_keys": ""}, "-c api_keys=: Value should have at least 1 item"),
        ({"api_keys": "a,b c"}, "-c api_keys=b c: String should match"),
        ({"api_keys": "a,a"}, "-c api_keys=a,a: "),
        ({"key_rate": "0"}, "-c key_rate=0: Input should be greater"),
        ({"key_quota": "many"}, "-c key_quota=many: Input should be a valid integer"),
    ],
)
def test_what_is_no_setting_is_refused(override: dict[str, str], message: str) -> None:
    with pytest.raises(SettingError) as caught:
        settings_of("prod", override)
    assert message in str(caught.value)
