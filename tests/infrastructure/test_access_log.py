"""The gateway's log: enough to follow a request, nothing of whoever sent it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, Environment
from aws_cdk.assertions import Template

from stacks.account import AccountStack
from tests.infrastructure.conftest import Synth


@pytest.fixture(scope="module")
def line(prod: Synth) -> dict[str, str]:
    setting = prod.properties("AWS::ApiGateway::Stage")["AccessLogSetting"]
    parsed: dict[str, str] = json.loads(setting["Format"])
    return parsed


def test_prod_logs_to_a_group_that_ends(prod: Synth) -> None:
    setting = prod.properties("AWS::ApiGateway::Stage")["AccessLogSetting"]
    (group,) = (name for name in prod.resources("AWS::Logs::LogGroup") if "AccessLog" in name)
    assert group in json.dumps(setting["DestinationArn"])
    assert prod.resources("AWS::Logs::LogGroup")[group]["Properties"]["RetentionInDays"] == 365


def test_dev_logs_nothing_until_it_is_asked_to(
    dev: Synth, synth_stage: Callable[..., Synth]
) -> None:
    assert "AccessLogSetting" not in dev.properties("AWS::ApiGateway::Stage")
    logging = synth_stage("dev", access_logs="true")
    assert "AccessLogSetting" in logging.properties("AWS::ApiGateway::Stage")


def test_a_line_follows_a_request(line: dict[str, str]) -> None:
    assert {"request_id", "status", "latency", "integration_error", "error"} <= set(line)


@pytest.mark.parametrize(
    "private",
    ["sourceIp", "userAgent", "identity.apiKey", "context.path", "caller", "userArn", "user"],
)
def test_a_line_tells_nothing_of_the_caller(line: dict[str, str], private: str) -> None:
    assert not any(value.endswith(private) for value in line.values())


def test_no_stage_touches_the_role_of_the_account(dev: Synth, prod: Synth) -> None:
    for synth in (dev, prod):
        assert not synth.resources("AWS::ApiGateway::Account")


@pytest.fixture(scope="module")
def account() -> dict[str, Any]:
    stack = AccountStack(App(), "Account", env=Environment(region="ap-northeast-2"))
    resources: dict[str, Any] = Template.from_stack(stack).to_json()["Resources"]
    return resources


def test_the_role_of_the_account_outlives_its_stack(account: dict[str, Any]) -> None:
    kept = {r["Type"] for r in account.values() if r.get("DeletionPolicy") == "Retain"}
    assert kept == {"AWS::IAM::Role", "AWS::ApiGateway::Account"}


def test_the_role_works_in_an_account_without_any_api(account: dict[str, Any]) -> None:
    (setting,) = (r for r in account.values() if r["Type"] == "AWS::ApiGateway::Account")
    (key,) = (name for name, r in account.items() if r["Type"] == "AWS::ApiGateway::ApiKey")
    assert key in setting["DependsOn"]
    assert account[key]["Properties"]["Enabled"] is False
