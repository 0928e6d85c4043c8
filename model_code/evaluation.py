"""How right a model is: precision, recall, F1 and support a brand, as the notebook printed."""

from collections.abc import Sequence
from typing import Any

from sklearn.metrics import classification_report, confusion_matrix, f1_score

from model_code.release import Brand
from model_code.training import Features

DIGITS = 6  # more would only show how a machine rounds


def evaluate(
    brands: Sequence[Brand], labels: Sequence[int], probabilities: Features
) -> dict[str, Any]:
    """Measure one set of photos.

    Parameters
    ----------
    labels
        The actual class of each photo.
    probabilities
        float32, shape (photos, classes).

    Returns
    -------
    dict
        `micro_f1`; `brands`: precision, recall, f1 and support of each; `confusion`: photos by
        actual (row) and predicted (column) class.
    """
    classes = list(range(len(brands)))
    predicted = probabilities.argmax(axis=1)
    report = classification_report(
        labels, predicted, labels=classes, output_dict=True, zero_division=0.0
    )
    return {
        "micro_f1": round(float(f1_score(labels, predicted, average="micro")), DIGITS),
        "brands": {brand.id: _row(report[str(index)]) for index, brand in enumerate(brands)},
        "confusion": confusion_matrix(labels, predicted, labels=classes).tolist(),
    }


def _row(scores: dict[str, float]) -> dict[str, float | int]:
    return {
        "precision": round(scores["precision"], DIGITS),
        "recall": round(scores["recall"], DIGITS),
        "f1": round(scores["f1-score"], DIGITS),
        "support": int(scores["support"]),
    }
