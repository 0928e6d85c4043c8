"""How many values to keep: micro F1 over k, as the 2019 notebook drew it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from joblib import Parallel, delayed
from sklearn.metrics import f1_score

from model_code.progress import track
from model_code.selection import Scores, select_best
from model_code.training import Features, Recipe, fit, probabilities

STEP = 400


class SweepPoint(NamedTuple):
    """Micro F1 of a model that was trained on the `k` best values."""

    k: int
    train: float
    test: float


class Part(NamedTuple):
    """Raw vectors (photos, raw length) with the class of each photo."""

    raw: Features
    labels: Sequence[int]


def sweep(train: Part, test: Part, scores: Scores, recipe: Recipe, seed: int) -> list[SweepPoint]:
    """Train once for each k of 1, 401, 801, ... with the scores computed before, on all cores."""
    ks = range(1, train.raw.shape[1], STEP)
    points = Parallel(n_jobs=-1, backend="threading", return_as="generator")(
        delayed(_point)(train, test, scores, replace(recipe, k=k), seed) for k in ks
    )
    return list(track(points, "Sweeping k", len(ks)))


def _point(train: Part, test: Part, scores: Scores, recipe: Recipe, seed: int) -> SweepPoint:
    chosen = select_best(scores, recipe.k)
    booster = fit(train.raw[:, chosen], train.labels, recipe, seed)

    def micro_f1(part: Part) -> float:
        predicted = probabilities(booster, part.raw[:, chosen]).argmax(axis=1)
        return float(f1_score(part.labels, predicted, average="micro"))

    return SweepPoint(recipe.k, micro_f1(train), micro_f1(test))
