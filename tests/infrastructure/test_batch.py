"""Batch transforms: a prefix that expires, and no right of the model's role beyond it."""

import json
from typing import Any

import pytest

from tests.infrastructure.conftest import Synth
from tests.infrastructure.test_endpoint import statements


@pytest.fixture
def by_sid(dev: Synth) -> dict[str, Any]:
    return {statement["Sid"]: statement for statement in statements(dev) if "Sid" in statement}


def test_rows_and_answers_end_after_a_week(dev: Synth, prod: Synth) -> None:
    for synth in (dev, prod):
        rules = synth.releases_bucket["LifecycleConfiguration"]["Rules"]
        (rule,) = [rule for rule in rules if rule.get("Prefix") == "batch/"]
        assert rule["ExpirationInDays"] == 7
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_a_transform_reads_and_writes_below_its_prefix_alone(by_sid: dict[str, Any]) -> None:
    used = by_sid["UseBatch"]
    assert used["Action"] == ["s3:GetObject", "s3:PutObject"]
    assert json.dumps(used["Resource"]).endswith('"/batch/*"]]}')


def test_it_lists_below_that_prefix_alone(by_sid: dict[str, Any]) -> None:
    listed = by_sid["ListBatch"]
    assert listed["Action"] == "s3:ListBucket"
    assert listed["Condition"] == {"StringLike": {"s3:prefix": "batch/*"}}


def test_it_writes_the_streams_of_its_own_stage(by_sid: dict[str, Any]) -> None:
    group, streams = map(json.dumps, by_sid["LogBatch"]["Resource"])
    assert ":log-group:/aws/sagemaker/TransformJobs" in group
    assert ":log-stream:chicklearning-dev-*" in streams
