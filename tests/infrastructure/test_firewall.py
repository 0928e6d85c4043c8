"""The firewall: before prod's stage, limited by address, and no enemy of photos."""

from collections.abc import Callable
from typing import Any

import pytest

from stacks.settings import SettingError, settings_of
from tests.infrastructure.conftest import Synth

ACL = "AWS::WAFv2::WebACL"


@pytest.fixture(scope="module")
def rules(prod: Synth) -> dict[str, Any]:
    return {rule["Name"]: rule for rule in prod.properties(ACL)["Rules"]}


def managed(rule: dict[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = rule["Statement"]["ManagedRuleGroupStatement"]
    return statement


def test_it_stands_before_the_stage(prod: Synth) -> None:
    association = prod.properties("AWS::WAFv2::WebACLAssociation")
    (acl,) = prod.resources(ACL)
    (stage,) = prod.resources("AWS::ApiGateway::Stage")
    assert association["WebACLArn"] == {"Fn::GetAtt": [acl, "Arn"]}
    assert {"Ref": stage} in association["ResourceArn"]["Fn::Join"][1]
    assert prod.properties(ACL)["Scope"] == "REGIONAL"


def test_dev_has_none_until_it_is_asked_to(dev: Synth, synth_stage: Callable[..., Synth]) -> None:
    assert not dev.resources(ACL)
    assert synth_stage("dev", firewall="true").resources(ACL)


def test_an_address_has_a_rate(rules: dict[str, Any]) -> None:
    rate = rules["Rate"]["Statement"]["RateBasedStatement"]
    assert rate["AggregateKeyType"] == "IP"
    assert rate["Limit"] == settings_of("prod", {}).firewall_rate
    assert rate["EvaluationWindowSec"] == 300
    assert rules["Rate"]["Action"] == {"Block": {}}


@pytest.mark.parametrize("name", ["Common", "KnownBadInputs"])
def test_the_rules_of_aws_block(rules: dict[str, Any], name: str) -> None:
    assert managed(rules[name])["Name"] == f"AWSManagedRules{name}RuleSet"
    assert rules[name]["OverrideAction"] == {"None": {}}


def test_a_photo_is_not_taken_for_an_attack(rules: dict[str, Any]) -> None:
    overrides = managed(rules["Common"])["RuleActionOverrides"]
    counted = {override["Name"] for override in overrides}
    assert {"SizeRestrictions_BODY", "CrossSiteScripting_BODY"} <= counted
    assert all(name.endswith("_BODY") for name in counted)
    assert all(override["ActionToUse"] == {"Count": {}} for override in overrides)


def test_no_samples_with_keys_are_kept(prod: Synth, rules: dict[str, Any]) -> None:
    for part in (prod.properties(ACL), *rules.values()):
        assert part["VisibilityConfig"]["SampledRequestsEnabled"] is False


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"firewall": "perhaps"}, "-c firewall=perhaps: Input should be a valid boolean"),
        ({"firewall_rate": "9"}, "-c firewall_rate=9: Input should be greater"),
        ({"firewall_rate": "2999"}, "-c firewall_rate=2999: A key may do key_rate a second"),
        ({"key_rate": "11"}, "-c firewall_rate=3000: A key may do key_rate a second"),
    ],
)
def test_what_is_no_setting_is_refused(overrides: dict[str, str], message: str) -> None:
    with pytest.raises(SettingError) as caught:
        settings_of("prod", overrides)
    assert message in str(caught.value)


def test_the_rate_of_keys_binds_only_where_there_are_keys() -> None:
    assert settings_of("prod", {"auth": "none", "firewall_rate": "10"}).firewall_rate == 10
    assert settings_of("prod", {"firewall": "false", "key_rate": "11"}).key_rate == 11
