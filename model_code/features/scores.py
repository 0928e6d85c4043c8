"""What the container answers -> one probability a brand for each row, or nothing."""

import json
import math
from collections.abc import Sequence


def parse_scores(answer: bytes, rows: int, brands: int) -> list[list[float]]:
    """Return the scores of each row, in class order, from the container's JSON.

    Raises
    ------
    ValueError
        It is not one probability a brand for each of the rows.
    """
    try:
        predictions = json.loads(answer)["predictions"]
        scores = [[float(score) for score in prediction["score"]] for prediction in predictions]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError("no scores") from error
    if len(scores) != rows or not all(are_probabilities(row, brands) for row in scores):
        raise ValueError("no probability for each brand of each row")
    return scores


def are_probabilities(scores: Sequence[float], brands: int) -> bool:
    """Tell whether a model could have said this of one photo."""
    sums_up = math.isclose(sum(scores), 1, abs_tol=1e-3)  # False where one is NaN
    return len(scores) == brands and sums_up and min(scores) >= 0
