"""The endpoint: the release's model, in the right container, under a role with little power."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from cdk_app.app import build
from model_code.release import read_release
from stacks.settings import SettingError
from tests.infrastructure.conftest import Synth


@pytest.fixture(scope="module")
def release_id(release_folder: Path) -> str:
    return read_release(release_folder).id


def test_the_model_is_the_release_in_the_bucket(dev: Synth, release_id: str) -> None:
    container = dev.properties("AWS::SageMaker::Model")["PrimaryContainer"]
    assert container["Image"] == (
        "366743142698.dkr.ecr.ap-northeast-2.amazonaws.com/sagemaker-xgboost:3.2-0"
    )
    assert f"/releases/{release_id}/model.tar.gz" in json.dumps(container["ModelDataUrl"])


def test_endpoint_and_variant_carry_the_release_id(dev: Synth, release_id: str) -> None:
    endpoint = dev.properties("AWS::SageMaker::Endpoint")
    assert endpoint["EndpointName"] == f"chicklearning-dev-{release_id}"
    (variant,) = dev.properties("AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    assert variant["VariantName"] == release_id
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.m4.xlarge", 1)


def test_model_and_config_have_no_name_that_blocks_their_replacement(dev: Synth) -> None:
    assert "ModelName" not in dev.properties("AWS::SageMaker::Model")
    assert "EndpointConfigName" not in dev.properties("AWS::SageMaker::EndpointConfig")


def statements(synth: Synth) -> Iterator[dict[str, Any]]:
    for role in synth.resources("AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role["Properties"]
        for policy in role["Properties"].get("Policies", []):
            yield from policy["PolicyDocument"]["Statement"]
    for policy in synth.resources("AWS::IAM::Policy").values():
        yield from policy["Properties"]["PolicyDocument"]["Statement"]


# They take no resource.
WITHOUT_RESOURCE = {
    "cloudwatch:DescribeAlarms",  # AWS's own policy for CodeDeploy names none
    "ecr:GetAuthorizationToken",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


def test_no_statement_is_wider_than_its_need(dev: Synth, prod: Synth) -> None:
    for statement in [*statements(dev), *statements(prod)]:
        actions = actions_of(statement)
        assert not any("*" in action for action in actions)
        if not set(actions) <= WITHOUT_RESOURCE:
            assert statement["Resource"] != "*"


def test_traces_are_written_where_the_stage_has_them(dev: Synth, prod: Synth) -> None:
    assert "xray" not in json.dumps(list(statements(dev)))
    assert "TracingConfig" not in dev.function
    assert prod.function["TracingConfig"] == {"Mode": "Active"}
    # The gateway's own traces would keep the caller's address and user agent.
    assert "TracingEnabled" not in prod.properties("AWS::ApiGateway::Stage")
    assert "xray:PutTraceSegments" in json.dumps(list(statements(prod)))


def actions_of(statement: dict[str, Any]) -> list[str]:
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else actions


def test_the_execution_role_reads_one_repository_and_the_releases(dev: Synth) -> None:
    (role,) = (
        r for n, r in dev.resources("AWS::IAM::Role").items() if n.startswith("EndpointRole")
    )
    (policy,) = role["Properties"]["Policies"]
    resources = {
        statement["Sid"]: (actions_of(statement), json.dumps(statement["Resource"]))
        for statement in policy["PolicyDocument"]["Statement"]
    }
    assert resources["PullImage"][1].endswith(':repository/sagemaker-xgboost"')
    of_s3 = {sid for sid, (actions, _) in resources.items() if "s3:" in str(actions)}
    assert of_s3 == {"ReadReleases", "ListBatch", "UseBatch"}
    assert resources["ReadReleases"][0] == ["s3:GetObject"]
    assert "/releases/*" in resources["ReadReleases"][1]


def test_while_a_release_goes_live_the_lambda_may_ask_both_endpoints(
    dev: Synth, synth_stage: Callable[..., Synth], other_release_folder: Path
) -> None:
    def invoke_statement(synth: Synth) -> Any:
        return next(s for s in statements(synth) if s["Action"] == "sagemaker:InvokeEndpoint")

    other = synth_stage("dev", other_release_folder)
    assert invoke_statement(dev) == invoke_statement(other)
    assert "endpoint/chicklearning-dev-*" in json.dumps(invoke_statement(dev))


@pytest.mark.parametrize(
    ("region", "account", "domain"),
    [
        ("us-east-1", "683313688378", "amazonaws.com"),
        ("eu-west-1", "141502667606", "amazonaws.com"),
        ("cn-north-1", "450853457545", "amazonaws.com.cn"),
    ],
)
def test_the_image_comes_from_the_account_of_the_region(
    release_folder: Path, monkeypatch: pytest.MonkeyPatch, region: str, account: str, domain: str
) -> None:
    monkeypatch.setenv("CDK_DEFAULT_REGION", region)
    app = App(context={"release": str(release_folder)})
    build(app)
    service = app.node.find_child("ChickLearning-dev-Service")
    template = json.dumps(Template.from_stack(service).to_json())  # type: ignore[arg-type]
    assert f"{account}.dkr.ecr.{region}.{domain}/sagemaker-xgboost:3.2-0" in template
    assert "arn:aws:ecr" not in template  # China and GovCloud are other partitions
    assert f":ecr:{region}:{account}:repository/sagemaker-xgboost" in template


def test_a_region_without_the_image_is_refused_with_those_that_have_it(
    release_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDK_DEFAULT_REGION", "moon-1")
    with pytest.raises(SettingError, match=r"moon-1.*ap-northeast-2"):
        build(App(context={"release": str(release_folder)}))
