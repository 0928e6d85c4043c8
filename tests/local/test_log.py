"""A request to the deployed API leaves its line in the Lambda's own log group."""

import json
from pathlib import Path
from typing import Any

from tests.local.conftest import SERVICE, Deployment


def log_group(deployment: Deployment) -> str:
    resources = deployment.cloud.client("cloudformation").list_stack_resources(StackName=SERVICE)
    (name,) = {
        resource["PhysicalResourceId"]
        for resource in resources["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::Logs::LogGroup"
        and resource["LogicalResourceId"].startswith("Function")
    }
    return str(name)


def line_of(deployment: Deployment, request_id: str) -> dict[str, Any]:
    logs = deployment.cloud.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=log_group(deployment))
    messages = [event["message"] for page in pages for event in page["events"]]
    (line,) = [json.loads(m) for m in messages if m.startswith("{") and request_id in m]
    found: dict[str, Any] = line
    return found


def test_an_answer_leaves_one_line(deployment: Deployment, photo_folder: Path) -> None:
    photo = (photo_folder / "BBQ" / "0.png").read_bytes()
    answer = deployment.request("POST", "/v1/predict", photo, Content_Type="image/png")
    line = line_of(deployment, answer.document["request_id"])
    assert (line["stage"], line["release"]) == ("dev", answer.document["release"])
    assert (line["brand"], line["status"]) == (answer.document["brand"], 200)
    assert line["ExtractMs"] > 0 and line["EndpointMs"] > 0


def test_a_problem_leaves_one_line(deployment: Deployment) -> None:
    answer = deployment.request("POST", "/v1/predict", b"text", Content_Type="image/png")
    line = line_of(deployment, answer.document["request_id"])
    assert (line["problem"], line["status"]) == ("not-a-photo", 415)
