"""The finder that asks models of the other photos, out of fold, what a photo's brand is."""

import numpy as np
import numpy.typing as npt

from model_code.calibration import FOLDS, best_temperature, calibrate_all, validate
from model_code.curation.evidence import Evidence
from model_code.curation.finding import Findings, graded
from model_code.recipe import RECIPES
from model_code.split import units_of_brands
from model_code.training import Examples

SEED = 0

Probabilities = npt.NDArray[np.float64]


def out_of_fold(evidence: Evidence) -> Probabilities | None:
    """Return what models that did not learn from a photo say of it, (photos, brands).

    Near-copies are held out together, or a wrong one would confirm itself. None where a brand
    has too few photos for the folds.
    """
    labels, groups = evidence.labels, evidence.groups
    if units_of_brands(labels, groups).min() < FOLDS:
        return None
    examples = Examples(evidence.vectors, None, labels, groups)
    found = validate(examples, RECIPES["embedding"], SEED).probabilities
    return calibrate_all(found, best_temperature(found, labels))


def doubted(evidence: Evidence, probabilities: Probabilities | None) -> Findings:
    """Find photos whose brand the models doubt that were trained on the other photos."""
    names = [brand.id for brand in evidence.dataset.brands]
    rows = np.arange(len(evidence.labels))
    if probabilities is None:
        return Findings(np.zeros(len(rows)), [""] * len(rows))
    given = probabilities[rows, evidence.labels]
    reasons = [
        f"models of the other photos take it for {names[best]} ({row[best]:.0%}), "
        f"not {names[label]} ({row[label]:.0%})"
        for row, best, label in zip(
            probabilities, probabilities.argmax(axis=1), evidence.labels, strict=True
        )
    ]
    return Findings(graded(1 - given, harmless=0.5, doubtful=0.8, certain=1), reasons)
