"""SageMaker as boto3 meets it: the 2019 notebook's last steps, and the service's errors."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from local_cloud.api_description import SageMakerError
from local_cloud.sagemaker import SageMaker
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
    sagemaker = SageMaker("arn:aws:sagemaker:r:0", lambda bucket, key: archive)
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
                "ProductionVariants": [variant(ModelName="none")],
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
    variants = [variant(ModelName=endpoint, InstanceType="ml.m99.huge")]
    with pytest.raises(ClientError, match="must satisfy enum value set"):
        sagemaker.create_endpoint_config(EndpointConfigName="x", ProductionVariants=variants)


@pytest.mark.parametrize(
    ("name", "demand"),
    [
        ("a_b", "regular expression pattern: "),
        ("-a", "regular expression pattern: "),
        ("a-", "regular expression pattern: "),
        ("", "regular expression pattern: "),
        ("a/../b", "regular expression pattern: "),
        ("a\n", "regular expression pattern: "),
        ("닭", "regular expression pattern: "),
        ("a" * 64, "length less than or equal to 63"),
    ],
)
@pytest.mark.parametrize(
    ("operation", "member", "place"),
    [
        ("create_model", "ModelName", "modelName"),
        ("describe_endpoint", "EndpointName", "endpointName"),
        ("delete_endpoint_config", "EndpointConfigName", "endpointConfigName"),
    ],
)
def test_a_name_against_the_rules_is_refused(
    sagemaker: Any, operation: str, member: str, place: str, name: str, demand: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(sagemaker, operation)(**{member: name})
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"
    said = f"Value '{name}' at '{place}' failed to satisfy constraint: Member must "
    assert said in error["Message"]
    assert demand in error["Message"]


@pytest.mark.parametrize(
    "model",
    [
        {"ModelName": "a" * 63},
        {"Tags": [{"Key": "brand: 교촌 1", "Value": ""}]},
        {"PrimaryContainer": {"Image": IMAGE, "Environment": {"A_1": "any thing"}}},
    ],
)
def test_what_is_within_the_rules_is_accepted(sagemaker: Any, model: dict[str, Any]) -> None:
    request = {"ModelName": "within", "ExecutionRoleArn": ROLE} | model
    sagemaker.create_model(**request)
    sagemaker.delete_model(ModelName=request["ModelName"])


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"ExecutionRoleArn": None}, "'executionRoleArn' .* must not be null"),
        ({"ExecutionRoleArn": "arn:aws:iam::1:role/sagemaker"}, "at 'executionRoleArn'"),
        ({"Containers": [{"Image": IMAGE}]}, "either PrimaryContainer or Containers"),
        (
            {"PrimaryContainer": {"ModelDataUrl": "models/a.tar.gz"}},
            "'primaryContainer.modelDataUrl'",
        ),
        ({"PrimaryContainer": {"ModelDataUrl": "http://a/b"}}, "'primaryContainer.modelDataUrl'"),
        (
            {"PrimaryContainer": {"Environment": {"a b": ""}}},
            "'primaryContainer.environment.a b.key'",
        ),
        ({"Tags": [{"Key": "#", "Value": ""}]}, "at 'tags.1.member.key'"),
        (
            {"Tags": [{"Key": str(key), "Value": ""} for key in range(51)]},
            "less than or equal to 50",
        ),
    ],
)
def test_a_model_that_aws_refuses_is_refused(
    sagemaker: Any, model: dict[str, Any], message: str
) -> None:
    request = {"ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": IMAGE}} | model
    given = {name: value for name, value in request.items() if value is not None}
    with pytest.raises(ClientError, match=message):
        sagemaker.create_model(ModelName="refused", **given)
    assert not sagemaker.list_models(NameContains="refused")["Models"]


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ([variant(VariantName="a_b")], "at 'productionVariants.1.member.variantName'"),
        ([variant(VariantName=f"v{number}") for number in range(11)], "less than or equal to 10"),
        ([variant(), variant()], "The variant name AllTraffic is there 2 times"),
        ([variant(ModelName=None)], "has no ModelName"),
        ([variant(InstanceType=None)], "has no InstanceType"),
        ([variant(InitialInstanceCount=None)], "has no InitialInstanceCount"),
        ([variant(InstanceType=None, InitialInstanceCount=None)], "InstanceType and no Initial"),
        ([variant(InitialVariantWeight=0)], "must not all be 0"),
        ([variant(VolumeSizeInGB=513)], "must have value less than or equal to 512"),
    ],
)
def test_variants_that_aws_refuses_are_refused(
    sagemaker: Any, endpoint: str, variants: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        sagemaker.create_endpoint_config(EndpointConfigName="refused", ProductionVariants=variants)
    assert not sagemaker.list_endpoint_configs(NameContains="refused")["EndpointConfigs"]


@pytest.mark.parametrize(
    "variants",
    [
        [variant(InitialVariantWeight=0), variant(VariantName="other")],
        [
            variant(
                InstanceType=None,
                InitialInstanceCount=None,
                ServerlessConfig={"MemorySizeInMB": 2048, "MaxConcurrency": 1},
            )
        ],
    ],
)
def test_variants_that_aws_accepts_are_accepted(
    sagemaker: Any, endpoint: str, variants: list[dict[str, Any]]
) -> None:
    sagemaker.create_endpoint_config(EndpointConfigName="accepted", ProductionVariants=variants)
    sagemaker.delete_endpoint_config(EndpointConfigName="accepted")


def test_a_name_that_is_taken_is_refused(sagemaker: Any, endpoint: str) -> None:
    with pytest.raises(ClientError, match="Cannot create already existing model"):
        sagemaker.create_model(ModelName=endpoint, ExecutionRoleArn=ROLE)


def test_two_names_differ_by_more_than_case(sagemaker: Any, runtime: Any, endpoint: str) -> None:
    with pytest.raises(ClientError, match="Cannot create already existing model"):
        sagemaker.create_model(ModelName=endpoint.upper(), ExecutionRoleArn=ROLE)
    described = sagemaker.describe_endpoint(EndpointName=endpoint.upper())
    assert described["EndpointName"] == endpoint
    with pytest.raises(ClientError, match="Endpoint CHICK of account 000000000000 not found"):
        runtime.invoke_endpoint(EndpointName="CHICK", ContentType="text/csv", Body="1")


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


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_a_post_invokes(cloud: Cloud, endpoint: str, method: str) -> None:
    response = urllib3.request(method, f"{cloud.url}/endpoints/{endpoint}/invocations")
    assert (response.status, response.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b"[]",
        b"null",
        b"1",
        b'{"MaxResults": NaN}',
        pytest.param(b"[" * 100_000, id="open"),
        pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="deep"),
        pytest.param(b'{"MaxResults": ' + b"1" * 10_000 + b"}", id="a long number"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(cloud: Cloud, body: bytes) -> None:
    target = {"X-Amz-Target": "SageMaker.ListModels"}
    response = urllib3.request("POST", cloud.url, body=body, headers=target)
    assert response.status == 400
    assert response.json()["__type"] == "SerializationException"


@pytest.fixture(scope="module")
def listed(sagemaker: Any) -> list[str]:
    """Twelve models, in the order of their creation."""
    names = [f"listed-{letter}" for letter in "bacdefghijkl"]
    for name in names:
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE)
    return names


def models(sagemaker: Any, **request: Any) -> list[str]:
    page = sagemaker.list_models(NameContains="listed-", **request)
    return [model["ModelName"] for model in page["Models"]]


@pytest.mark.parametrize("order", ["Ascending", "Descending"])
@pytest.mark.parametrize("by", ["Name", "CreationTime"])
def test_lists_in_the_order_asked_for(
    sagemaker: Any, listed: list[str], by: str, order: str
) -> None:
    wanted = sorted(listed) if by == "Name" else listed
    wanted = wanted if order == "Ascending" else wanted[::-1]
    assert models(sagemaker, SortBy=by, SortOrder=order, MaxResults=100) == wanted


def test_lists_ten_and_the_newest_first_unless_asked_otherwise(
    sagemaker: Any, listed: list[str]
) -> None:
    assert models(sagemaker) == listed[:1:-1]


@pytest.mark.parametrize("size", [1, 5, 11, 12, 100])
def test_lists_page_by_page(sagemaker: Any, listed: list[str], size: int) -> None:
    paginator = sagemaker.get_paginator("list_models")
    pages = list(paginator.paginate(NameContains="listed-", MaxResults=size, SortBy="Name"))
    names = [model["ModelName"] for page in pages for model in page["Models"]]
    assert names == sorted(listed, reverse=True)
    assert len(pages) == -(-len(listed) // size)


def test_pages_stay_whole_when_what_was_listed_is_deleted(sagemaker: Any) -> None:
    names = [f"swept-{number}" for number in range(5)]
    for name in names:
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE)
    paginator = sagemaker.get_paginator("list_models")
    for page in paginator.paginate(NameContains="swept-", MaxResults=2):
        for model in page["Models"]:
            sagemaker.delete_model(ModelName=model["ModelName"])
    assert not sagemaker.list_models(NameContains="swept-")["Models"]


@pytest.mark.parametrize("token", ["garbage", "", "닭", "TmFtZQ=="])
def test_a_token_that_was_not_given_is_refused(sagemaker: Any, token: str) -> None:
    with pytest.raises(ClientError, match="NextToken is not one of this list"):
        sagemaker.list_models(NextToken=token, SortBy="Name")


def test_a_token_of_another_order_is_refused(sagemaker: Any, listed: list[str]) -> None:
    token = sagemaker.list_models(MaxResults=1, SortBy="Name")["NextToken"]
    with pytest.raises(ClientError, match="NextToken is not one of this list"):
        sagemaker.list_models(NextToken=token, SortBy="CreationTime")


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"MaxResults": 0}, "valid min value: 1"),
        ({"MaxResults": 101}, "'maxResults' .* less than or equal to 100"),
        ({"SortBy": "Status"}, "'sortBy' .* enum value set"),
        ({"SortOrder": "Random"}, "'sortOrder' .* enum value set"),
        ({"NameContains": "a_b"}, "'nameContains' .* regular expression pattern"),
    ],
)
def test_a_list_that_aws_refuses_is_refused(request_: dict[str, Any], message: str) -> None:
    # boto3 would hold back some of these itself
    with pytest.raises(SageMakerError, match=message):
        SageMaker("arn", lambda bucket, key: None).call("ListModels", request_)


def test_lists_endpoints_by_status(sagemaker: Any, endpoint: str) -> None:
    sagemaker.create_model(ModelName="chick-failed", ExecutionRoleArn=ROLE)
    create_endpoint(sagemaker, "chick-failed")

    def names(**request: str) -> list[str]:
        found = sagemaker.list_endpoints(NameContains="chick", **request)["Endpoints"]
        return [each["EndpointName"] for each in found]

    assert names(StatusEquals="Failed") == ["chick-failed"]
    assert names(StatusEquals="InService") == [endpoint]
    assert names(StatusEquals="Updating") == []
    assert names(SortBy="Status", SortOrder="Ascending") == ["chick-failed", endpoint]
    assert names(SortBy="Status", SortOrder="Descending") == [endpoint, "chick-failed"]


def test_lists_by_time(sagemaker: Any, listed: list[str]) -> None:
    hour, now = timedelta(hours=1), datetime.now(UTC)
    assert models(sagemaker, CreationTimeAfter=now - hour, CreationTimeBefore=now + hour)
    assert not models(sagemaker, CreationTimeAfter=now + hour)
    assert not models(sagemaker, CreationTimeBefore=now - hour)
