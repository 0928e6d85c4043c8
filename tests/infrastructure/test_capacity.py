"""What the endpoint runs on: a fixed number of instances, a scaled one, or none at all."""

import json
from collections.abc import Callable

import pytest

from tests.infrastructure.conftest import Synth

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"


@pytest.fixture(scope="module")
def serverless(synth_with: Callable[..., Synth]) -> Synth:
    return synth_with(serverless="true", serverless_memory="3072", serverless_concurrency="7")


def test_dev_does_not_scale(dev: Synth) -> None:
    assert not dev.resources(TARGET)
    assert "RetainAllVariantProperties" not in dev.properties("AWS::SageMaker::Endpoint")


def test_prod_scales_the_variant_of_the_release(prod: Synth) -> None:
    (variant,) = prod.properties("AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    target = prod.properties(TARGET)
    assert target["ServiceNamespace"] == "sagemaker"
    assert target["ScalableDimension"] == "sagemaker:variant:DesiredInstanceCount"
    endpoint, slash_variant = target["ResourceId"]["Fn::Join"][1][1:]
    assert slash_variant == f"/variant/{variant['VariantName']}"
    # A reference, so that the endpoint is there before it is registered.
    assert endpoint["Fn::GetAtt"][0] in prod.resources("AWS::SageMaker::Endpoint")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 4)


def test_prod_holds_to_requests_on_each_instance(prod: Synth) -> None:
    policy = prod.properties(POLICY)
    assert policy["ScalingTargetId"]["Ref"] in prod.resources(TARGET)
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    metric = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"]
    assert metric == "SageMakerVariantInvocationsPerInstance"
    assert tracking["ScaleInCooldown"] > tracking["ScaleOutCooldown"] > 0


def test_scaling_brings_no_role(prod: Synth, dev: Synth) -> None:
    assert "RoleARN" not in prod.properties(TARGET)
    assert "application-autoscaling" not in json.dumps(prod.resources("AWS::IAM::Role"))


def test_what_scaling_has_come_to_survives_an_update_in_place(prod: Synth) -> None:
    assert prod.properties("AWS::SageMaker::Endpoint")["RetainAllVariantProperties"] is True


def test_limits_and_cooldowns_are_settings(synth_with: Callable[..., Synth]) -> None:
    synth = synth_with(
        max_instances="3", requests_per_instance="60", scale_out_seconds="5", scale_in_seconds="7"
    )
    assert synth.properties(TARGET)["MaxCapacity"] == 3
    tracking = synth.properties(POLICY)["TargetTrackingScalingPolicyConfiguration"]
    assert (tracking["TargetValue"], tracking["ScaleOutCooldown"]) == (60, 5)
    assert tracking["ScaleInCooldown"] == 7


def test_a_serverless_endpoint_has_memory_and_concurrency_and_no_instance(
    serverless: Synth,
) -> None:
    (variant,) = serverless.properties("AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 3072, "MaxConcurrency": 7}
    assert not {"InstanceType", "InitialInstanceCount"} & set(variant)
    assert not serverless.resources(TARGET)


def test_a_serverless_endpoint_asks_for_nothing_that_it_cannot_have(serverless: Synth) -> None:
    assert "EnableNetworkIsolation" not in serverless.properties("AWS::SageMaker::Model")


def test_serverless_is_another_endpoint_beside_the_one_with_instances(
    serverless: Synth, dev: Synth
) -> None:
    with_instances = dev.properties("AWS::SageMaker::Endpoint")["EndpointName"]
    name = serverless.properties("AWS::SageMaker::Endpoint")["EndpointName"]
    assert name == f"{with_instances}-serverless"
    assert len(name) <= 63  # SageMaker's limit


def test_serverless_is_another_version_of_the_lambda_too(
    serverless: Synth, synth_with: Callable[..., Synth]
) -> None:
    # Or the alias would stay on a version whose endpoint goes.
    (with_instances,) = synth_with().resources("AWS::Lambda::Version")
    (without,) = serverless.resources("AWS::Lambda::Version")
    assert without != with_instances
