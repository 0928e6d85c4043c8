"""Tags: whose a resource is, and of which stage and release."""

from pathlib import Path

from tests.infrastructure.conftest import Synth


def tags(properties: dict[str, object]) -> dict[str, str]:
    listed = properties.get("Tags", [])
    assert isinstance(listed, list)
    return {tag["Key"]: tag["Value"] for tag in listed}


def test_everything_that_costs_says_whose_it_is(dev: Synth, release_folder: Path) -> None:
    expected = {"project": "chicklearning", "stage": "dev", "release": release_folder.name}
    for type_name in (
        "AWS::SageMaker::Endpoint",
        "AWS::SageMaker::EndpointConfig",
        "AWS::SageMaker::Model",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "AWS::ApiGateway::RestApi",
        "AWS::CloudWatch::Alarm",
    ):
        for resource in dev.resources(type_name).values():
            assert tags(resource["Properties"]) == expected


def test_the_bucket_outlives_a_release_and_names_none(dev: Synth) -> None:
    assert tags(dev.releases_bucket) == {"project": "chicklearning", "stage": "dev"}
