"""How many values to keep: micro F1 over k, as the 2019 notebook drew it."""

from typing import NamedTuple

from joblib import Parallel, delayed
from sklearn.metrics import f1_score

from model_code.progress import track
from model_code.recipe import Recipe
from model_code.selection import Scores, select_best
from model_code.training import Examples, Model, fit_selected

POINTS = 12  # the notebook's: k = 1, 401, ..., 4401 of 4,800


class SweepPoint(NamedTuple):
    """Micro F1 of a model that was trained on the `k` best values."""

    k: int
    train: float
    test: float


def sweep(
    train: Examples, test: Examples, scores: Scores, recipe: Recipe, seed: int
) -> list[SweepPoint]:
    """Train for twelve k or so, evenly spaced, with scores computed before, on all cores."""
    raw_length = train.raw.shape[1]
    ks = range(1, raw_length, max(raw_length // POINTS, 1))
    points = Parallel(n_jobs=-1, backend="threading", return_as="generator")(
        delayed(_point)(train, test, scores, k, recipe, seed) for k in ks
    )
    return list(track(points, "Sweeping k", len(ks)))


def _point(
    train: Examples, test: Examples, scores: Scores, k: int, recipe: Recipe, seed: int
) -> SweepPoint:
    model = fit_selected(train, select_best(scores, k), recipe, seed)
    return SweepPoint(k, _micro_f1(model, train), _micro_f1(model, test))


def _micro_f1(model: Model, examples: Examples) -> float:
    predicted = model.probabilities(examples.raw).argmax(axis=1)
    return float(f1_score(examples.labels, predicted, average="micro"))
