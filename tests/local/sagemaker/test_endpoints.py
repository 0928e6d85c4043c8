"""Endpoints as boto3 meets them: the 2019 notebook's last steps, and what fails later."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.api_description import SageMakerError
from local_cloud.sagemaker import SageMaker
from model_code.features import calibrate, csv_row
from model_code.release import Release
from tests.local.sagemaker.conftest import (
    BUCKET,
    IMAGE,
    ROLE,
    create,
    create_endpoint,
    objects,
    variant,
    wait,
)


def test_the_notebooks_last_step_csv_in_probabilities_out(
    runtime: Any, endpoint: str, release: Release
) -> None:
    for index, golden in enumerate(release.golden):
        response = runtime.invoke_endpoint(
            EndpointName=endpoint, ContentType="text/csv", Body=csv_row(golden.features)
        )
        scores = [float(score) for score in response["Body"].read().split(b",")]
        answer = calibrate(scores, release.confidence.temperature)
        assert answer == pytest.approx(golden.probabilities, abs=1e-6)
        assert scores.index(max(scores)) == index
        assert response["InvokedProductionVariant"] == "AllTraffic"


def test_describes_and_lists_what_there_is(sagemaker: Any, endpoint: str) -> None:
    described = sagemaker.describe_endpoint(EndpointName=endpoint)
    assert described["EndpointStatus"] == "InService"
    assert described["EndpointArn"].startswith("arn:aws:sagemaker:ap-northeast-2:")
    (variant,) = described["ProductionVariants"]
    assert (variant["VariantName"], variant["CurrentInstanceCount"]) == ("AllTraffic", 1)
    model = sagemaker.describe_model(ModelName=endpoint)
    assert model["PrimaryContainer"]["Image"] == IMAGE
    assert sagemaker.list_endpoints(NameContains="hick")["Endpoints"][0]["EndpointName"] == endpoint
    assert sagemaker.list_models(NameContains="other")["Models"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"]


def test_a_model_that_is_not_there_fails_the_endpoint(sagemaker: Any, runtime: Any) -> None:
    create(sagemaker, "missing", f"s3://{BUCKET}/nowhere/model.tar.gz")
    described = sagemaker.describe_endpoint(EndpointName="missing")
    assert described["EndpointStatus"] == "Failed"
    assert f"s3://{BUCKET}/nowhere/model.tar.gz" in described["FailureReason"]
    with pytest.raises(runtime.exceptions.ClientError, match="not found"):
        runtime.invoke_endpoint(EndpointName="missing", ContentType="text/csv", Body="1")


@pytest.mark.parametrize(
    "model",
    [
        {},
        {"Containers": []},
        {"PrimaryContainer": {"Image": IMAGE}},
        {"Containers": [{"Image": IMAGE}]},
        {"Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://nowhere/model.tar.gz"}]},
        {"PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}"}},
        {"PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": f"https://{BUCKET}/m.tar.gz"}},
    ],
)
def test_a_model_that_cannot_be_loaded_fails_the_endpoint(
    sagemaker: Any, model: dict[str, Any]
) -> None:
    sagemaker.create_model(ModelName="unloaded", ExecutionRoleArn=ROLE, **model)
    create_endpoint(sagemaker, "unloaded")
    described = sagemaker.describe_endpoint(EndpointName="unloaded")
    assert described["EndpointStatus"] == "Failed"
    assert "odel" in described["FailureReason"]
    for kind in ("endpoint", "endpoint_config", "model"):
        member = kind.title().replace("_", "") + "Name"
        getattr(sagemaker, f"delete_{kind}")(**{member: "unloaded"})


def test_a_model_that_was_deleted_fails_the_endpoint(sagemaker: Any, model_url: str) -> None:
    create(sagemaker, "gone", model_url)
    sagemaker.delete_endpoint(EndpointName="gone")
    sagemaker.delete_model(ModelName="gone")
    sagemaker.create_endpoint(EndpointName="gone", EndpointConfigName="gone")
    described = sagemaker.describe_endpoint(EndpointName="gone")
    assert described["EndpointStatus"] == "Failed"
    assert described["FailureReason"].startswith('Could not find model "arn:')
    with pytest.raises(ClientError, match="Cannot update failed endpoint"):
        sagemaker.update_endpoint(EndpointName="gone", EndpointConfigName="gone")


def test_a_model_is_read_from_the_first_of_its_containers(sagemaker: Any, model_url: str) -> None:
    containers = [{"Image": IMAGE, "ModelDataUrl": model_url}]
    sagemaker.create_model(ModelName="pipeline", ExecutionRoleArn=ROLE, Containers=containers)
    create_endpoint(sagemaker, "pipeline")
    wait(sagemaker, "pipeline")


def test_an_endpoint_in_progress_is_left_alone(release_folder: Path) -> None:
    archive = (release_folder / "model.tar.gz").read_bytes()
    sagemaker = SageMaker("arn:aws:sagemaker:r:0", objects(archive))
    container = {"Image": IMAGE, "ModelDataUrl": "s3://bucket/model.tar.gz"}
    model = {"ModelName": "chick", "ExecutionRoleArn": ROLE, "PrimaryContainer": container}
    config = {"EndpointConfigName": "c", "ProductionVariants": [variant()]}
    endpoint = {"EndpointName": "e", "EndpointConfigName": "c"}
    sagemaker.call("CreateModel", model)
    sagemaker.call("CreateEndpointConfig", config)
    for begin in ("CreateEndpoint", "UpdateEndpoint"):
        sagemaker.call(begin, endpoint)
        with pytest.raises(SageMakerError, match="Cannot create already existing endpoint"):
            sagemaker.call("CreateEndpoint", endpoint)
        with pytest.raises(SageMakerError, match="Cannot update in-progress endpoint"):
            sagemaker.call("UpdateEndpoint", endpoint)
        with pytest.raises(SageMakerError, match="Cannot update in-progress endpoint"):
            sagemaker.call("DeleteEndpoint", {"EndpointName": "e"})
        assert sagemaker.start("e")["EndpointStatus"] == "InService"


def test_an_update_that_fails_leaves_the_old_model_serving(
    sagemaker: Any, runtime: Any, model_url: str, release: Release
) -> None:
    create(sagemaker, "updated", model_url)
    wait(sagemaker, "updated")
    create(sagemaker, "broken", f"s3://{BUCKET}/nowhere/model.tar.gz")
    sagemaker.update_endpoint(EndpointName="updated", EndpointConfigName="broken")
    described = sagemaker.describe_endpoint(EndpointName="updated")
    assert described["EndpointStatus"] == "InService"
    assert described["EndpointConfigName"] == "updated"
    assert "nowhere" in described["FailureReason"]
    row = csv_row(release.golden[0].features)
    answer = runtime.invoke_endpoint(EndpointName="updated", ContentType="text/csv", Body=row)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_deleted_endpoint_is_gone(sagemaker: Any, runtime: Any, model_url: str) -> None:
    create(sagemaker, "deleted", model_url)
    sagemaker.delete_endpoint(EndpointName="deleted")
    with pytest.raises(ClientError, match="Could not find endpoint"):
        sagemaker.describe_endpoint(EndpointName="deleted")
    with pytest.raises(ClientError, match="Endpoint deleted of account 000000000000 not found"):
        runtime.invoke_endpoint(EndpointName="deleted", ContentType="text/csv", Body="1")
