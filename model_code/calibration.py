"""How sure is sure enough: chosen on photos that the model in question did not learn from."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss

from model_code.features import Confidence
from model_code.recipe import Recipe
from model_code.split import grouped_folds
from model_code.training import Examples, Features, train_model

FOLDS = 5
# Of a hundred confident answers, so many shall be right.
PRECISION = 0.95
# So many photos of a brand may be less like any brand than what is still called confident.
UNLIKE = 0.03
ROUNDING = 1e-6  # of a cosine, which the Lambda adds up in another order
BINS = 10
# Of the temperature's logarithm. A model that is hardly wrong on few photos would ask for less.
BOUNDS = (-0.7, 2.0)
# A confident answer is more likely than not, however often the others were right.
LOWEST = 0.5

Likeness = npt.NDArray[np.float64]


class Validation(NamedTuple):
    """Answers about photos that were held out, each by a model that had not seen it."""

    probabilities: Features  # (photos, classes)
    likeness: Likeness  # (photos,)
    labels: npt.NDArray[np.intp]


def validate(examples: Examples, recipe: Recipe, seed: int) -> Validation:
    """Answer each of the training photos by a model of the other folds (out of fold)."""
    labels = examples.labels
    probabilities = np.empty((len(labels), int(labels.max()) + 1), np.float32)
    likeness = np.empty(len(labels))
    for train, held_out in grouped_folds(labels, examples.together, FOLDS, seed):
        model = train_model(examples.rows(train), recipe, seed)
        means = brand_means(examples.rows(train), model.selection)
        features = examples.raw[held_out][:, model.selection]
        probabilities[held_out] = model.probabilities(examples.raw[held_out])
        likeness[held_out] = likeness_of_all(features, means)
    return Validation(probabilities, likeness, labels)


def choose_confidence(
    validation: Validation, examples: Examples, selection: npt.NDArray[np.intp]
) -> Confidence:
    """Choose temperature and thresholds on the validation photos, means on all."""
    temperature = best_temperature(validation.probabilities, validation.labels)
    calibrated = calibrate_all(validation.probabilities, temperature)
    return Confidence(
        temperature,
        min_probability(calibrated, validation.labels),
        float(np.clip(np.quantile(validation.likeness, UNLIKE) - ROUNDING, -1, 1)),
        brand_means(examples, selection),
    )


def brand_means(examples: Examples, selection: npt.NDArray[np.intp]) -> list[list[float]]:
    """Return by class the mean features, scaled to length 1."""
    features = examples.raw[:, selection].astype(np.float64)
    means = [features[examples.labels == label].mean(axis=0) for label in range(_classes(examples))]
    return [(mean / (np.linalg.norm(mean) or 1)).tolist() for mean in means]


def best_temperature(probabilities: Features, labels: npt.NDArray[np.intp]) -> float:
    """Return the temperature under which the actual brands are the least surprising."""
    classes = range(probabilities.shape[1])

    def surprise(logarithm: float) -> float:
        calibrated = calibrate_all(probabilities, float(np.exp(logarithm)))
        return float(log_loss(labels, calibrated, labels=classes))

    found = minimize_scalar(surprise, bounds=BOUNDS, method="bounded")
    return round(float(np.exp(found.x)), 4)


def calibrate_all(probabilities: Features, temperature: float) -> npt.NDArray[np.float64]:
    """`calibrate` for all photos at once."""
    powers = np.power(
        probabilities / probabilities.max(axis=1, keepdims=True), 1 / temperature, dtype=np.float64
    )
    calibrated: npt.NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return calibrated


def likeness_of_all(features: Features, means: Sequence[Sequence[float]]) -> Likeness:
    """`likeness` for all photos at once."""
    lengths = np.linalg.norm(features.astype(np.float64), axis=1)
    nearest: Likeness = (features @ np.transpose(means)).max(axis=1)
    return nearest / np.where(lengths == 0, 1, lengths)


def min_probability(probabilities: npt.NDArray[np.float64], labels: npt.NDArray[np.intp]) -> float:
    """Return the lowest bound above which `PRECISION` of the answers are right.

    It lies half way to the next answer below, and not below `LOWEST`; it is 1 if none are right
    often enough.
    """
    best = probabilities.max(axis=1)
    order = np.argsort(-best)
    right = (probabilities.argmax(axis=1) == labels)[order]
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    # A bound lies between two answers that differ.
    last_of_its_kind = np.append(np.diff(best[order]) < 0, True)
    enough = np.flatnonzero((precision >= PRECISION) & last_of_its_kind)
    believed = enough[-1] + 1 if len(enough) else 0
    if believed in (0, len(best)):
        return LOWEST if believed else 1.0
    return max(LOWEST, float(best[order][believed - 1 : believed + 1].mean()))


Bin = tuple[int, float, float]  # photos, mean probability, share right


def reliability(probabilities: npt.NDArray[np.float64], labels: npt.NDArray[np.intp]) -> list[Bin]:
    """Return for each tenth of the best probability: photos, mean probability, share right."""
    best = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((best * BINS).astype(int), BINS - 1)
    return [
        (int(inside.sum()), float(best[inside].mean()), float(right[inside].mean()))
        for inside in (bins == number for number in range(BINS))
        if inside.any()
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error: how far probability and share right are apart.

    Naeini et al. 2015, https://doi.org/10.1609/aaai.v29i1.9602, over ten bins of equal width.
    """
    photos = sum(count for count, _, _ in bins)
    return sum(count * abs(mean - right) for count, mean, right in bins) / photos


def _classes(examples: Examples) -> int:
    return int(examples.labels.max()) + 1
