"""The private network: no way to the internet, and only the ways that are needed."""

from collections.abc import Callable
from typing import Any

import pytest

from stacks.settings import SettingError, settings_of
from tests.infrastructure.conftest import Synth
from tests.infrastructure.test_endpoint import actions_of


@pytest.fixture(scope="module")
def private(synth_with: Callable[..., Synth]) -> Synth:
    return synth_with(private_network="true")


def found(synth: Synth, kind: str) -> dict[str, dict[str, Any]]:
    resources = synth.artifacts.find_resources(f"AWS::EC2::{kind}")
    return {name: resource["Properties"] for name, resource in resources.items()}


def test_there_is_no_network_unless_asked_for(dev: Synth, prod: Synth) -> None:
    for synth in (dev, prod):
        assert not found(synth, "VPC")
        assert "VpcConfig" not in synth.properties("AWS::SageMaker::Model")
        assert "VpcConfig" not in synth.function


def test_no_way_leads_to_the_internet(private: Synth) -> None:
    for kind in ("InternetGateway", "NatGateway", "EIP", "Route"):
        assert not found(private, kind)
    for subnet in found(private, "Subnet").values():
        assert not subnet["MapPublicIpOnLaunch"]


def test_two_zones_as_sagemaker_demands(private: Synth) -> None:
    zones = [subnet["AvailabilityZone"] for subnet in found(private, "Subnet").values()]
    assert zones == [{"Fn::Select": [n, {"Fn::GetAZs": ""}]} for n in (0, 1)]


def test_s3_and_sagemakers_runtime_are_at_hand_and_nothing_else(private: Synth) -> None:
    endpoints = found(private, "VPCEndpoint").values()
    kinds = {e["VpcEndpointType"]: e for e in endpoints}
    assert len(endpoints) == len(kinds) == 2
    assert kinds["Interface"]["ServiceName"].endswith(".sagemaker.runtime")
    assert kinds["Interface"]["PrivateDnsEnabled"]  # the Lambda's client needs no other address
    assert kinds["Gateway"]["ServiceName"]["Fn::Join"][1][-1] == ".s3"
    assert len(kinds["Gateway"]["RouteTableIds"]) == 2


def test_only_the_lambda_may_enter_and_only_by_https(private: Synth) -> None:
    (rule,) = found(private, "SecurityGroupIngress").values()
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 443, 443)
    group = private.function["VpcConfig"]["SecurityGroupIds"][0]
    assert rule["SourceSecurityGroupId"]["Fn::GetAtt"][0] in group["Fn::ImportValue"]
    for properties in found(private, "SecurityGroup").values():
        assert "SecurityGroupIngress" not in properties


def test_model_and_lambda_go_out_by_https_alone(private: Synth) -> None:
    rules = [
        rule
        for properties in found(private, "SecurityGroup").values()
        for rule in properties.get("SecurityGroupEgress", [])
        if rule["CidrIp"] != "255.255.255.255/32"  # CDK's way to say: none
    ]
    assert len(rules) == 2  # to S3: the model's archive, and the inbox
    for rule in rules:
        assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 443, 443)


def test_model_and_lambda_are_in_both_subnets(private: Synth) -> None:
    model = private.properties("AWS::SageMaker::Model")["VpcConfig"]
    function = private.function["VpcConfig"]
    assert model["Subnets"] == function["SubnetIds"]
    assert len(model["Subnets"]) == 2
    assert model["SecurityGroupIds"] != function["SecurityGroupIds"]


def test_both_roles_may_join_and_no_other_action_is_wide(private: Synth) -> None:
    wide = [
        actions_of(statement)
        for kind in ("Role", "Policy")
        for resource in private.resources(f"AWS::IAM::{kind}").values()
        for document in (
            [resource["Properties"]["PolicyDocument"]]
            if kind == "Policy"
            else [p["PolicyDocument"] for p in resource["Properties"].get("Policies", [])]
        )
        for statement in document["Statement"]
        if statement["Resource"] == "*"
    ]
    single = (["ecr:GetAuthorizationToken"], ["cloudwatch:DescribeAlarms"])
    joining = [actions for actions in wide if actions not in single]
    assert len(joining) == 2
    assert all("ec2:CreateNetworkInterface" in actions for actions in joining)
    assert all(action.startswith("ec2:") for actions in joining for action in actions)


def test_a_serverless_endpoint_in_a_network_is_refused() -> None:
    with pytest.raises(SettingError, match="-c private_network=True: SageMaker puts no"):
        settings_of("dev", {"private_network": "true", "serverless": "true"})
