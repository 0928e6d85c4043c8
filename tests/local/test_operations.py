"""Procedures of docs/operations.md that no other test runs: settings that change under requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from local_cloud.server import Cloud
from model_code.release import S3_PREFIX
from tests.local.conftest import ARTIFACTS, SERVICE, Deployment
from tests.local.test_rollout import ask, assert_whole, constant_requests

ALONE = "--exclusively"  # without the stacks that it depends on
UNASKED = "--require-approval=never"


@pytest.fixture(scope="module")
def photo(photo_folder: Path) -> Path:
    return photo_folder / "nene" / "2.png"


@pytest.fixture(scope="module")
def name(release_folder: Path) -> str:
    """Return the endpoint's name."""
    return f"chicklearning-dev-{release_folder.name}"


@contextmanager
def answering(deployment: Deployment, photo: Path, release: Path) -> Iterator[None]:
    """Ask until the block ends; every answer is right."""
    with constant_requests(deployment, photo) as answers:
        yield
    answers.append(ask(deployment, photo))
    assert_whole(answers, photo, release)


def assert_done(command: CompletedProcess[str]) -> None:
    assert command.returncode == 0, command.stdout + command.stderr


def endpoint(deployment: Deployment, name: str) -> Any:
    return deployment.cloud.client("sagemaker").describe_endpoint(EndpointName=name)


def configuration(deployment: Deployment, name: str) -> Any:
    config = endpoint(deployment, name)["EndpointConfigName"]
    sagemaker = deployment.cloud.client("sagemaker")
    return sagemaker.describe_endpoint_config(EndpointConfigName=config)


def instances(deployment: Deployment, name: str) -> tuple[str, int]:
    (variant,) = configuration(deployment, name)["ProductionVariants"]
    return variant["InstanceType"], variant["InitialInstanceCount"]


def test_other_instances_take_over_on_the_same_endpoint(
    deployment: Deployment, release_folder: Path, photo: Path, name: str
) -> None:
    before = endpoint(deployment, name)
    settings = {"instance_type": "ml.m5.large", "instance_count": "2"}
    with answering(deployment, photo, release_folder):
        assert_done(deployment.deploy(SERVICE, release_folder, **settings))
        changed = endpoint(deployment, name)
        assert instances(deployment, name) == ("ml.m5.large", 2)
        assert_done(deployment.deploy(SERVICE, release_folder))
    assert instances(deployment, name) == ("ml.m4.xlarge", 1)
    assert changed["CreationTime"] == before["CreationTime"]
    assert changed["EndpointConfigName"] != before["EndpointConfigName"]
    assert deployment.endpoints() == {name}


def test_serverless_takes_over_and_gives_back(
    deployment: Deployment, release_folder: Path, photo: Path, name: str
) -> None:
    with answering(deployment, photo, release_folder):
        assert_done(deployment.deploy(SERVICE, release_folder, serverless="true"))
        assert deployment.endpoints() == {f"{name}-serverless"}
        assert_done(deployment.deploy(SERVICE, release_folder))
    assert deployment.endpoints() == {name}


def test_own_key_and_network_go_on_and_off(
    deployment: Deployment, release_folder: Path, photo: Path, name: str
) -> None:
    on = {"own_key": "true", "private_network": "true"}
    with answering(deployment, photo, release_folder):
        assert_done(deployment.deploy(SERVICE, release_folder, **on))
        assert configuration(deployment, name)["KmsKeyId"]
        assert in_network(deployment, name)
        copy_onto_themselves(deployment)
        assert_done(deployment.cdk("deploy", SERVICE, ALONE, UNASKED, release=release_folder))
        assert_done(deployment.deploy(ARTIFACTS, release_folder))
    assert "KmsKeyId" not in configuration(deployment, name)
    assert not in_network(deployment, name)
    uploaded = deployment.model_code("upload", release_folder, "--stack", ARTIFACTS)
    assert_done(uploaded)  # the checksums were kept
    assert "sent  " not in uploaded.stdout


def in_network(deployment: Deployment, name: str) -> bool:
    (variant,) = configuration(deployment, name)["ProductionVariants"]
    sagemaker = deployment.cloud.client("sagemaker")
    return "VpcConfig" in sagemaker.describe_model(ModelName=variant["ModelName"])


def copy_onto_themselves(deployment: Deployment) -> None:
    """Do what `aws s3 cp --recursive --sse AES256` does."""
    s3, bucket = deployment.cloud.client("s3"), deployment.output(ARTIFACTS, "BucketName")
    for item in s3.list_objects_v2(Bucket=bucket, Prefix=f"{S3_PREFIX}/")["Contents"]:
        key = item["Key"]
        source = {"Bucket": bucket, "Key": key}
        s3.copy_object(Bucket=bucket, Key=key, CopySource=source, ServerSideEncryption="AES256")


@pytest.mark.usefixtures("deployment")  # which bootstrapped
def test_prod_goes_with_its_bucket_where_that_is_said_before(cloud: Cloud, tmp_path: Path) -> None:
    prod = Deployment(cloud, tmp_path, stage="prod")
    s3 = cloud.client("s3")
    assert_done(prod.without_release("deploy", prod.artifacts, UNASKED))
    buckets = {prod.output(prod.artifacts, name) for name in ("BucketName", "InboxName")}
    for bucket in buckets:
        s3.put_object(Bucket=bucket, Key=f"{S3_PREFIX}/some", Body=b"thing")
    said = prod.without_release("deploy", prod.artifacts, UNASKED, keep_releases="false")
    assert_done(said)
    assert_done(prod.model_code("empty", "--stack", prod.artifacts))
    assert_done(prod.destroy(prod.artifacts))
    assert not buckets & {listed["Name"] for listed in s3.list_buckets()["Buckets"]}
