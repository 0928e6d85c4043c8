"""Recipes side by side on the same photos and the same folds."""

import hashlib
import json
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics import f1_score

from model_code.errors import UserError
from model_code.progress import track
from model_code.recipe import Recipe
from model_code.split import Groups, Labels, Rows, grouped_folds, units_of_brands
from model_code.training import Examples, train_model


class Plan(NamedTuple):
    """How often, and into how many parts, the photos are split."""

    folds: int
    repeats: int
    seed: int


class Fold(NamedTuple):
    """One training of one recipe on all parts but one."""

    repeat: int
    number: int
    train: Rows
    test: Rows


class Score(NamedTuple):
    """What came of it."""

    micro_f1: float
    seconds: float  # of selection and fit


def folds(labels: Labels, plan: Plan, groups: Groups | None = None) -> list[Fold]:
    """Split the photos, stratified by brand, groups undivided; the same for every recipe.

    Raises
    ------
    UserError
        A brand has fewer photos, or groups of them, than there are folds.
    """
    groups = np.arange(len(labels)) if groups is None else groups
    fewest = int(units_of_brands(labels, groups).min())
    if fewest < plan.folds:
        raise UserError(
            f"A brand has {fewest} photos, too few for {plan.folds} folds; near-copies and photos "
            "of one post count once. Ask for fewer."
        )
    return [
        Fold(repeat, number, train, test)
        for repeat in range(plan.repeats)
        for number, (train, test) in enumerate(
            grouped_folds(labels, groups, plan.folds, plan.seed + repeat)
        )
    ]


class ScoreFile:
    """Scores by key, one JSON line each, so that a run that was stopped goes on."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        content = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        self._scores = dict(filter(None, map(_parse, content.splitlines())))
        if content and not content.endswith("\n"):  # the last line of a run that was killed
            with path.open("a", encoding="utf-8") as file:
                file.write("\n")

    def get(self, key: str) -> Score | None:
        """Return what is known."""
        return self._scores.get(key)

    def add(self, key: str, score: Score) -> None:
        """Keep it at once."""
        self._scores[key] = score
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([key, *score]) + "\n")


def _parse(line: str) -> tuple[str, Score] | None:
    try:
        key, micro_f1, seconds = json.loads(line)
        score = Score(float(micro_f1), float(seconds))
    except (ValueError, TypeError, RecursionError):
        return None
    return (key, score) if isinstance(key, str) and all(map(math.isfinite, score)) else None


def compare(
    examples: Mapping[str, Examples], recipes: Mapping[str, Recipe], plan: Plan,
    photos_sha256: str, known: ScoreFile,
) -> dict[str, list[Score]]:  # fmt: skip
    """Train every recipe on every fold, on all cores.

    Parameters
    ----------
    examples
        By recipe: the same photos in the same order.
    known
        Scores of runs before; new ones are added to it.

    Returns
    -------
    dict
        By recipe: one score a fold, in the same order for all.
    """
    first = next(iter(examples.values()))
    splits = folds(first.labels, plan, first.groups)
    keys = {
        (name, row): _key(photos_sha256, recipe, plan, fold)
        for name, recipe in recipes.items()
        for row, fold in enumerate(splits)
    }
    missing = [job for job, key in keys.items() if known.get(key) is None]
    scores = Parallel(n_jobs=-1, backend="threading", return_as="generator")(
        delayed(score)(examples[name], splits[row], recipes[name], plan.seed)
        for name, row in missing
    )
    for job, found in zip(missing, track(scores, "Comparing", len(missing)), strict=True):
        known.add(keys[job], found)
    return {
        name: [found for row in range(len(splits)) if (found := known.get(keys[name, row]))]
        for name in recipes
    }


def score(examples: Examples, fold: Fold, recipe: Recipe, seed: int) -> Score:
    """Train on one fold's photos and measure on the others."""
    start = time.perf_counter()
    model = train_model(examples.rows(fold.train), recipe, seed)
    seconds = time.perf_counter() - start
    test = examples.rows(fold.test)
    predicted = model.probabilities(test.raw).argmax(axis=1)
    return Score(float(f1_score(test.labels, predicted, average="micro")), seconds)


def _key(photos_sha256: str, recipe: Recipe, plan: Plan, fold: Fold) -> str:
    parts = [photos_sha256, recipe.model_dump_json(), plan.folds, plan.seed, *fold[:2]]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
