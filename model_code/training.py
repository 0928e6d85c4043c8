"""Raw vectors -> a model: the values that it looks at, and a booster over them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xgboost

from model_code.errors import UserError
from model_code.recipe import Recipe
from model_code.release import CONTAINER_VERSION, CONTAINER_XGBOOST
from model_code.selection import mutual_information, select_best

Features = npt.NDArray[np.float32]


class Examples(NamedTuple):
    """Photos to learn from."""

    raw: Features  # (photos, raw length)
    mirrored: Features | None  # the same photos seen in a mirror, where the recipe wants them
    labels: npt.NDArray[np.intp]  # (photos,), classes from 0

    def rows(self, rows: Sequence[int] | npt.NDArray[np.intp]) -> "Examples":
        """Return some of them."""
        mirrored = None if self.mirrored is None else self.mirrored[rows]
        return Examples(self.raw[rows], mirrored, self.labels[rows])


class Model(NamedTuple):
    """What a training leaves."""

    selection: npt.NDArray[np.intp]  # sorted indices of the raw vector
    booster: xgboost.Booster

    def probabilities(self, raw: Features) -> Features:
        """Score raw vectors (photos, raw length) -> float32 (photos, classes)."""
        return probabilities(self.booster, raw[:, self.selection])


def train_model(examples: Examples, recipe: Recipe, seed: int) -> Model:
    """Select and fit; nothing but `examples` is looked at."""
    scores = mutual_information(examples.raw, examples.labels, seed)
    return fit_selected(examples, select_best(scores, recipe.k), recipe, seed)


def fit_selected(
    examples: Examples, selection: npt.NDArray[np.intp], recipe: Recipe, seed: int
) -> Model:
    """Fit the booster on the values of `selection`."""
    features, labels = examples.raw[:, selection], examples.labels
    if recipe.mirrored and examples.mirrored is not None:
        features = np.concatenate([features, examples.mirrored[:, selection]])
        labels = np.concatenate([labels, labels])
    return Model(selection, _fit(features, labels, recipe, seed))


def _fit(
    features: Features, labels: npt.NDArray[np.intp], recipe: Recipe, seed: int
) -> xgboost.Booster:
    settings = recipe.xgboost.model_dump()
    rounds = settings.pop("rounds")
    parameters = {
        "objective": "multi:softprob",
        "num_class": int(labels.max()) + 1,
        "seed": seed,
        # Threads add up in an order of their own; one thread gives the same bits each time.
        "nthread": 1,
        **settings,
    }
    if recipe.xgboost.booster == "gblinear":
        parameters["updater"] = "coord_descent"  # the other one's threads race, on purpose
    return xgboost.train(parameters, xgboost.DMatrix(features, label=labels, nthread=1), rounds)


def check_xgboost() -> None:
    """Refuse to train with another XGBoost than the container's.

    Raises
    ------
    UserError
        A newer one's booster would lose its base scores in the container, without an error.
    """
    wanted = ".".join(map(str, CONTAINER_XGBOOST[CONTAINER_VERSION]))
    if xgboost.__version__ != wanted:
        raise UserError(
            f"XGBoost {xgboost.__version__} is installed, and the endpoint's container has "
            f"{wanted}. Install that one: make setup"
        )


def probabilities(booster: xgboost.Booster, features: Features) -> Features:
    """Score rows of `features` (photos, k) -> float32 (photos, classes)."""
    scores: Features = booster.predict(xgboost.DMatrix(features, nthread=1))
    return scores


def booster_bytes(booster: xgboost.Booster) -> bytes:
    """Save as JSON, which the container loads and a person can read."""
    return bytes(booster.save_raw("json"))


def load_booster(saved: bytes) -> xgboost.Booster:
    """Load what `booster_bytes` saved."""
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(saved))
    return booster
