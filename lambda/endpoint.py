"""Features -> probabilities, by way of the SageMaker endpoint of one release."""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from model_code.features import csv_row, parse_scores
from problems import Problem
from served_release import ServedRelease

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
PROBLEM_OF_CODE = {
    "ThrottlingException": "endpoint-busy",
    "ServiceUnavailable": "endpoint-busy",
    "ModelNotReadyException": "endpoint-gone",
    "ValidationError": "endpoint-gone",  # what SageMaker says of an endpoint that is not there
}
DETAILS = {
    "endpoint-busy": "The model has more requests than it can take. Try again in a moment.",
    "endpoint-gone": "The model's endpoint is not in service. Try again later.",
    "endpoint-timeout": "The model did not answer in time. Try again in a moment.",
    "endpoint-failed": "The model answered with an error, or with what is no prediction.",
    "other-release": "The answer came from another release than the one asked, so it was dropped.",
}


def probabilities(
    client: Any, name: str, release: ServedRelease, rows: Sequence[Sequence[float]]
) -> list[list[float]]:
    """Ask the endpoint `name` once: for each row of features one probability a brand.

    The container scores a row that is too short without an error, and another release's
    endpoint scores any row, so both are checked here. No rows, no question.

    Returns
    -------
    (rows, brands), in class order

    Raises
    ------
    Problem
        The endpoint is busy, gone or slow, answers nonsense, or answers for another release.
    """
    if not rows:
        return []
    if any(len(features) != release.num_feature for features in rows):
        raise Problem("internal", "The photo's features do not fit the model, so it was not asked.")
    variant, answer = _invoke(client, name, "\n".join(map(csv_row, rows)))
    if variant != release.id:
        raise _problem("other-release")
    try:
        return parse_scores(answer, len(rows), len(release.brands))
    except ValueError as error:
        raise _problem("endpoint-failed") from error


def _invoke(client: Any, name: str, csv: str) -> tuple[str, bytes]:
    """Return the variant that answered, and its answer."""
    try:
        response = client.invoke_endpoint(
            EndpointName=name, ContentType="text/csv", Accept="application/json", Body=csv
        )
        return response.get("InvokedProductionVariant", ""), response["Body"].read()
    except ClientError as error:
        kind = PROBLEM_OF_CODE.get(error.response["Error"]["Code"], "endpoint-failed")
        raise _problem(kind) from error
    except (ReadTimeoutError, ConnectTimeoutError) as error:
        raise _problem("endpoint-timeout") from error
    except EndpointConnectionError as error:
        raise _problem("endpoint-gone") from error
    except BotoCoreError as error:
        raise _problem("endpoint-failed") from error


def _problem(kind: str) -> Problem:
    return Problem(kind, DETAILS[kind])
