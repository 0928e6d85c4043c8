"""Raw vector -> features -> the CSV row that the endpoint receives."""

from array import array
from collections.abc import Sequence


def select(raw: Sequence[float], selection: Sequence[int]) -> "array[float]":
    """Keep the values of `raw` that the model was trained on, in the selection's order."""
    return array("f", (raw[index] for index in selection))


def csv_row(features: Sequence[float]) -> str:
    """Write float32 values as text that reads back as the very same float32.

    Nine significant digits are enough for any of them (IEEE 754). No quotes and no newline:
    the container refuses the first and needs no second.
    """
    return ",".join(f"{value:.9g}" for value in features)
