"""Predictions as a table for people."""

from pathlib import Path

from rich.console import Group
from rich.table import Table
from rich.text import Text

from model_code.predict import Prediction


def prediction_table(predictions: list[tuple[Path, Prediction]]) -> Group:
    """Lay out one row a photo, or one row a brand where there is only one photo.

    Where a photo's folder is named like a brand, that is its actual brand, and the share of
    right answers follows.
    """
    if len(predictions) == 1:
        return Group(_one(*predictions[0]))
    return Group(_many(predictions), Text(_score(predictions)))


def _one(photo: Path, prediction: Prediction) -> Table:
    table = Table(title=f"{photo.parent.name}/{photo.name}", title_justify="left")
    table.add_column("brand")
    table.add_column("probability", justify="right")
    table.add_column(f"release {prediction.release}")
    for brand, probability in prediction.ranking:
        table.add_row(brand, f"{probability:.3f}", "█" * round(probability * 20))
    return table


def _many(predictions: list[tuple[Path, Prediction]]) -> Table:
    table = Table(title=f"release {predictions[0][1].release}", title_justify="left")
    for header in ("photo", "actual", "predicted"):
        table.add_column(header)
    table.add_column("probability", justify="right")
    for photo, prediction in predictions:
        brand, probability = prediction.ranking[0]
        actual = prediction.actual(photo) or ""
        table.add_row(f"{photo.parent.name}/{photo.name}", actual, brand, f"{probability:.3f}")
    return table


def _score(predictions: list[tuple[Path, Prediction]]) -> str:
    known = [
        (actual, prediction.ranking[0][0])
        for photo, prediction in predictions
        if (actual := prediction.actual(photo))
    ]
    if not known:
        return ""
    right = sum(actual == predicted for actual, predicted in known)
    return f"{right} of {len(known)} right ({right / len(known):.2f})"
