"""Predictions as a table for people."""

from pathlib import Path

from rich.console import Group
from rich.table import Table
from rich.text import Text

from model_code.predict import Prediction


def prediction_table(predictions: list[tuple[Path, Prediction]]) -> Group:
    """Lay out one row a photo, or one row a brand where there is only one photo.

    Where a photo's folder is named like a brand, that is its actual brand, and the share of
    right answers follows, with that of confident ones.
    """
    if len(predictions) == 1:
        photo, prediction = predictions[0]
        return Group(_name(photo), _one(prediction), Text(_sureness(prediction)))
    release = Text(f"release {predictions[0][1].release}")
    return Group(release, _many(predictions), Text(_score(predictions)))


# Names go into `Text`, since rich would take a name like "[red]" for its markup.
def _name(photo: Path) -> Text:
    return Text(f"{photo.parent.name}/{photo.name}")


def _sureness(prediction: Prediction) -> str:
    return "confident" if prediction.confident else "not confident: this may be none of the brands"


def _one(prediction: Prediction) -> Table:
    table = Table("brand")
    table.add_column("probability", justify="right")
    table.add_column(Text(f"release {prediction.release}"))
    for brand, probability in prediction.ranking:
        table.add_row(Text(brand), f"{probability:.3f}", "█" * round(probability * 20))
    return table


def _many(predictions: list[tuple[Path, Prediction]]) -> Table:
    table = Table()
    for header in ("photo", "actual", "predicted"):
        table.add_column(header)
    table.add_column("probability", justify="right")
    table.add_column("confident")
    for photo, prediction in predictions:
        brand, probability = prediction.ranking[0]
        actual = prediction.actual(photo) or ""
        sure = "yes" if prediction.confident else "no"
        table.add_row(_name(photo), Text(actual), Text(brand), f"{probability:.3f}", sure)
    return table


def _score(predictions: list[tuple[Path, Prediction]]) -> str:
    sure = sum(prediction.confident for _, prediction in predictions)
    confident = f"{sure} of {len(predictions)} confident"
    known = [
        (actual, prediction.ranking[0][0])
        for photo, prediction in predictions
        if (actual := prediction.actual(photo))
    ]
    if not known:
        return confident
    right = sum(actual == predicted for actual, predicted in known)
    return f"{right} of {len(known)} right ({right / len(known):.2f}); {confident}"
