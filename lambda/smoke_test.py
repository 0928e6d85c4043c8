"""The golden photos to a new version, before it gets any traffic: CodeDeploy's hook.

A Lambda of its own, with `release.json` and the photos beside it; boto3 is Lambda's own.
https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""

import base64
import json
import os
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

HERE = Path(__file__).parent
NEW_VERSION = os.environ["NEW_VERSION"]
# The function may take 25 s, and what it answers is not asked for twice.
LAMBDA = boto3.client("lambda", config=Config(read_timeout=30, retries={"total_max_attempts": 1}))
CODEDEPLOY = boto3.client("codedeploy")


def handler(event: dict[str, Any], _context: object) -> None:
    """Tell CodeDeploy whether to move the traffic; why not is in the log."""
    CODEDEPLOY.put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="Succeeded" if _passes() else "Failed",
    )


def _passes() -> bool:
    try:
        faults = list(_faults(json.loads((HERE / "release.json").read_bytes())))
    except Exception:  # without a status, CodeDeploy would wait for an hour
        traceback.print_exc()
        return False
    return not faults


def _faults(release: dict[str, Any]) -> Iterator[str]:
    for golden in release["golden"]:
        fault = _fault(golden, release, _ask(golden["photo"]))
        print(f"{golden['photo']} ({golden['brand']}): {fault or 'agrees'}")
        if fault:
            yield fault


def _ask(photo: str) -> dict[str, Any]:
    """Return the new version's response to an event as API Gateway makes it."""
    path = HERE / photo
    event = {
        "httpMethod": "POST",
        "path": "/v1/predict",
        "headers": {"Content-Type": f"image/{path.suffix[1:]}"},
        "body": base64.b64encode(path.read_bytes()).decode(),
        "isBase64Encoded": True,
        "requestContext": {"requestId": f"smoke-test-{path.stem}"},
    }
    answer = LAMBDA.invoke(FunctionName=NEW_VERSION, Payload=json.dumps(event))
    response: dict[str, Any] = json.loads(answer["Payload"].read())
    return response


def _fault(golden: dict[str, Any], release: dict[str, Any], response: dict[str, Any]) -> str | None:
    if response.get("statusCode") != 200:  # or the function failed, and this is its error
        return f"it answered {json.dumps(response)}"
    answer = json.loads(response["body"])
    if answer["release"] != release["id"]:
        return f"release {answer['release']} answered instead of {release['id']}"
    shown = {row["brand"]: row["probability"] for row in answer["probabilities"]}
    brands = [brand["id"] for brand in release["brands"]]
    if sorted(shown) != sorted(brands):
        return f"it answered for the brands {', '.join(shown)}"
    expected = zip(brands, golden["probabilities"], strict=True)
    differences = [abs(shown[brand] - probability) for brand, probability in expected]
    allowed = release["tolerance"]["probabilities"]
    if all(difference <= allowed for difference in differences):  # False where one is NaN
        return None
    return f"the probabilities are apart by {max(differences)}, allowed {allowed}"
