"""One endpoint, made as the 2019 notebook made it, and the parts that others are made of."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_cloud.server import Cloud
from local_cloud.transform import Objects
from model_code.release import Release, read_release

BUCKET = "notebook-models"
ROLE = "arn:aws:iam::000000000000:role/sagemaker"
IMAGE = "366743142698.dkr.ecr.ap-northeast-2.amazonaws.com/sagemaker-xgboost:3.2-0"


@pytest.fixture(scope="session")
def sagemaker(cloud: Cloud) -> Any:
    return cloud.client("sagemaker")


@pytest.fixture(scope="session")
def runtime(cloud: Cloud) -> Any:
    return cloud.client("sagemaker-runtime")


@pytest.fixture(scope="session")
def release(release_folder: Path) -> Release:
    return read_release(release_folder)


@pytest.fixture(scope="session")
def model_url(cloud: Cloud, release_folder: Path) -> str:
    s3 = cloud.client("s3")
    location = {"LocationConstraint": "ap-northeast-2"}
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
    s3.upload_file(str(release_folder / "model.tar.gz"), BUCKET, "2019/model.tar.gz")
    return f"s3://{BUCKET}/2019/model.tar.gz"


def objects(archive: bytes | None) -> Objects:
    """Stand in for an S3 where each object is the same one."""
    return Objects(lambda bucket, key: archive, lambda bucket, prefix: [], lambda *_: None)


def create(sagemaker: Any, name: str, model_url: str) -> None:
    """Take the notebook's steps 8 to 10."""
    container = {"Image": IMAGE, "ModelDataUrl": model_url}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    create_endpoint(sagemaker, name)


def create_endpoint(sagemaker: Any, name: str) -> None:
    """Create an endpoint of the model of the same name."""
    variants = [variant(ModelName=name)]
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)


def variant(**members: Any) -> dict[str, Any]:
    """Describe a variant; a member that is None is left out."""
    known = {
        "VariantName": "AllTraffic",
        "ModelName": "chick",
        "InstanceType": "ml.m4.xlarge",
        "InitialInstanceCount": 1,
    }
    return {name: value for name, value in (known | members).items() if value is not None}


def wait(sagemaker: Any, name: str) -> None:
    waiter = sagemaker.get_waiter("endpoint_in_service")
    waiter.wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 5})


@pytest.fixture(scope="session")
def endpoint(sagemaker: Any, model_url: str) -> Iterator[str]:
    create(sagemaker, "chick", model_url)
    wait(sagemaker, "chick")
    yield "chick"
    sagemaker.delete_endpoint(EndpointName="chick")
