"""SageMaker as boto3 meets it: the 2019 notebook's last steps, and the service's errors."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.server import Cloud
from model_code.features import csv_row
from model_code.release import Release, read_release

BUCKET = "notebook-models"
ROLE = "arn:aws:iam::000000000000:role/sagemaker"
IMAGE = "366743142698.dkr.ecr.ap-northeast-2.amazonaws.com/sagemaker-xgboost:3.2-0"


@pytest.fixture(scope="module")
def sagemaker(cloud: Cloud) -> Any:
    return cloud.client("sagemaker")


@pytest.fixture(scope="module")
def runtime(cloud: Cloud) -> Any:
    return cloud.client("sagemaker-runtime")


@pytest.fixture(scope="module")
def release(release_folder: Path) -> Release:
    return read_release(release_folder)


@pytest.fixture(scope="module")
def model_url(cloud: Cloud, release_folder: Path) -> str:
    s3 = cloud.client("s3")
    location = {"LocationConstraint": "ap-northeast-2"}
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
    s3.upload_file(str(release_folder / "model.tar.gz"), BUCKET, "2019/model.tar.gz")
    return f"s3://{BUCKET}/2019/model.tar.gz"


def create(sagemaker: Any, name: str, model_url: str) -> None:
    """Take the notebook's steps 8 to 10."""
    container = {"Image": IMAGE, "ModelDataUrl": model_url}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": name,
        "InstanceType": "ml.m4.xlarge",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)


def wait(sagemaker: Any, name: str) -> None:
    waiter = sagemaker.get_waiter("endpoint_in_service")
    waiter.wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 5})


@pytest.fixture(scope="module")
def endpoint(sagemaker: Any, model_url: str) -> Iterator[str]:
    create(sagemaker, "chick", model_url)
    wait(sagemaker, "chick")
    yield "chick"
    sagemaker.delete_endpoint(EndpointName="chick")


def test_the_notebooks_last_step_csv_in_probabilities_out(
    runtime: Any, endpoint: str, release: Release
) -> None:
    for index, golden in enumerate(release.golden):
        response = runtime.invoke_endpoint(
            EndpointName=endpoint, ContentType="text/csv", Body=csv_row(golden.features)
        )
        scores = [float(score) for score in response["Body"].read().split(b",")]
        assert scores == pytest.approx(golden.probabilities, abs=1e-6)
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


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("describe_model", {"ModelName": "none"}),
        ("delete_endpoint_config", {"EndpointConfigName": "none"}),
        ("create_endpoint", {"EndpointName": "new", "EndpointConfigName": "none"}),
        ("update_endpoint", {"EndpointName": "none", "EndpointConfigName": "none"}),
        (
            "create_endpoint_config",
            {
                "EndpointConfigName": "new",
                "ProductionVariants": [
                    {"VariantName": "v", "ModelName": "none", "InstanceType": "ml.m4.xlarge"}
                ],
            },
        ),
    ],
)
def test_what_is_not_there_is_named(
    sagemaker: Any, operation: str, request_: dict[str, Any]
) -> None:
    with pytest.raises(
        ClientError, match=r'Could not find .* "arn:aws:sagemaker:.*none"'
    ) as caught:
        getattr(sagemaker, operation)(**request_)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_an_instance_type_that_does_not_exist_is_refused(sagemaker: Any, endpoint: str) -> None:
    variant = {"VariantName": "v", "ModelName": endpoint, "InstanceType": "ml.m99.huge"}
    with pytest.raises(ClientError, match="must satisfy enum value set"):
        sagemaker.create_endpoint_config(EndpointConfigName="x", ProductionVariants=[variant])


def test_a_name_that_is_taken_is_refused(sagemaker: Any, endpoint: str) -> None:
    with pytest.raises(ClientError, match="Cannot create already existing model"):
        sagemaker.create_model(ModelName=endpoint, ExecutionRoleArn=ROLE)


def test_what_is_not_emulated_says_so(sagemaker: Any) -> None:
    with pytest.raises(ClientError, match="ListTrainingJobs is not emulated here"):
        sagemaker.list_training_jobs()


def test_what_the_container_refuses_is_a_model_error(runtime: Any, endpoint: str) -> None:
    with pytest.raises(runtime.exceptions.ModelError) as caught:
        runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body="a,b")
    assert caught.value.response["OriginalStatusCode"] == 415
    assert "could not convert string to float" in caught.value.response["OriginalMessage"]


def test_a_variant_that_is_not_there_is_refused(runtime: Any, endpoint: str) -> None:
    with pytest.raises(ClientError, match="Variant other not found"):
        runtime.invoke_endpoint(
            EndpointName=endpoint, ContentType="text/csv", Body="1", TargetVariant="other"
        )


def test_a_body_over_the_limit_is_refused(runtime: Any, endpoint: str) -> None:
    with pytest.raises(ClientError, match="Request body is over"):
        runtime.invoke_endpoint(
            EndpointName=endpoint, ContentType="text/csv", Body=b"1" * (6 * 1024 * 1024 + 1)
        )
