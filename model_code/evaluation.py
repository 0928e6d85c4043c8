"""How right a model is: precision, recall, F1 and support a brand, as the notebook printed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import classification_report, confusion_matrix, f1_score

from model_code.calibration import calibration_error, reliability
from model_code.release import Brand

DIGITS = 6  # more would only show how a machine rounds


def evaluate(
    brands: Sequence[Brand],
    labels: npt.NDArray[np.intp],
    probabilities: npt.NDArray[np.float64],
    confident: npt.NDArray[np.bool_],
) -> dict[str, Any]:
    """Measure one set of photos.

    Parameters
    ----------
    labels
        The actual class of each photo.
    probabilities
        Calibrated, shape (photos, classes).
    confident
        Whether each answer counts as confident.

    Returns
    -------
    dict
        `micro_f1`; `brands`: precision, recall, f1 and support of each; `confusion`: photos by
        actual (row) and predicted (column) class; `calibration_error` and `reliability`, the
        bins it is made of: photos, mean probability, share right; `confident`: the share of
        confident answers, and of right ones among them (None where there is none).
    """
    classes = list(range(len(brands)))
    predicted = probabilities.argmax(axis=1)
    report = classification_report(
        labels, predicted, labels=classes, output_dict=True, zero_division=0.0
    )
    bins = reliability(probabilities, labels)
    right = (predicted == labels)[confident]
    return {
        "micro_f1": round(float(f1_score(labels, predicted, average="micro")), DIGITS),
        "brands": {brand.id: _row(report[str(index)]) for index, brand in enumerate(brands)},
        "confusion": confusion_matrix(labels, predicted, labels=classes).tolist(),
        "calibration_error": round(calibration_error(bins), DIGITS),
        "reliability": [(count, round(p, DIGITS), round(r, DIGITS)) for count, p, r in bins],
        "confident": {
            "share": round(float(confident.mean()), DIGITS),
            "precision": round(float(right.mean()), DIGITS) if len(right) else None,
        },
    }


def _row(scores: dict[str, float]) -> dict[str, float | int]:
    return {
        "precision": round(scores["precision"], DIGITS),
        "recall": round(scores["recall"], DIGITS),
        "f1": round(scores["f1-score"], DIGITS),
        "support": int(scores["support"]),
    }
