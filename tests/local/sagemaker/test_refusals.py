"""What SageMaker refuses is refused here too, in its words."""

from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from local_cloud.server import Cloud
from tests.local.sagemaker.conftest import IMAGE, ROLE, variant


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
