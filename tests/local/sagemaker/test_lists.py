"""Lists: orders, filters and pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.api_description import SageMakerError
from local_cloud.sagemaker import SageMaker
from tests.local.sagemaker.conftest import (
    ROLE,
    create_endpoint,
    objects,
)


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
        SageMaker("arn", objects(None)).call("ListModels", request_)


def test_lists_endpoints_by_status(sagemaker: Any, endpoint: str) -> None:
    sagemaker.create_model(ModelName="chick-failed", ExecutionRoleArn=ROLE)
    create_endpoint(sagemaker, "chick-failed")

    def names(**request: str) -> list[str]:
        found = sagemaker.list_endpoints(NameContains="chick", **request)["Endpoints"]
        names = [each["EndpointName"] for each in found]
        return [name for name in names if name in (endpoint, "chick-failed")]

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
