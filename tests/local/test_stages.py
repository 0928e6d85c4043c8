"""prod's template, with all that can be turned on besides, is taken by the local cloud."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from local_cloud.server import Cloud
from tests.local.conftest import Deployment

ARTIFACTS, SERVICE = "ChickLearning-prod-Artifacts", "ChickLearning-prod-Service"
EVERYTHING = {
    "stage": "prod",
    "keep_releases": "false",  # so that nothing is left behind
    "auth": "none",  # keys have tests of their own
    "own_key": "true",
    "private_network": "true",
    "capture_percent": "10",
    "night_from": "15",
    "night_until": "22",
}


@pytest.mark.usefixtures("deployment")  # which bootstrapped
def test_prod_with_everything_turned_on_goes_live_and_away(
    cloud: Cloud, cloud_log: Path, pixels_release_folder: Path, tmp_path: Path
) -> None:
    prod = Deployment(cloud, tmp_path, **EVERYTHING)
    steps: list[Callable[[], CompletedProcess[str]]] = [
        lambda: prod.deploy(ARTIFACTS, pixels_release_folder),
        lambda: prod.model_code("upload", pixels_release_folder, "--stack", ARTIFACTS),
        lambda: prod.deploy(SERVICE, pixels_release_folder),
        lambda: prod.model_code(
            "replay", pixels_release_folder, "--url", cloud.api_url(prod.output(SERVICE, "ApiUrl"))
        ),
        lambda: prod.cdk("destroy", SERVICE, "--force", release=pixels_release_folder),
        lambda: prod.model_code("empty", "--stack", ARTIFACTS),
        lambda: prod.cdk("destroy", ARTIFACTS, "--force", release=pixels_release_folder),
    ]
    for step in steps:
        command = step()
        assert command.returncode == 0, command.stdout + command.stderr
    said = cloud_log.read_text()
    for what in (
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "AWS::ApiGateway::Stage.AccessLogSetting",
        "AWS::CloudWatch::Alarm.Metrics",
        "AWS::Lambda::Function.TracingConfig",
        "AWS::Lambda::Function.VpcConfig",
        "AWS::SageMaker::Endpoint.DeploymentConfig",
        "AWS::SageMaker::EndpointConfig.DataCaptureConfig",
        "AWS::SageMaker::EndpointConfig.KmsKeyId",
        "AWS::SageMaker::Model.VpcConfig",
        "AWS::WAFv2::WebACLAssociation",
    ):
        assert f"Accepted, not emulated: {what} (ChickLearning-prod-Service/" in said
