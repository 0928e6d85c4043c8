"""Selected features -> a booster, by a recipe."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import xgboost

from model_code.errors import UserError
from model_code.release import CONTAINER_VERSION, CONTAINER_XGBOOST

Features = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Extractor, selection size and XGBoost parameters; the defaults are those of 2019."""

    extractor: str = "pixels"
    k: int = 400
    max_depth: int = 5
    eta: float = 0.2
    rounds: int = 10
    # What XGBoost chose by itself in 2019 for so few photos; it now takes `hist`.
    tree_method: str = "exact"

    @property
    def parameters(self) -> dict[str, float | int | str]:
        """As a release records them."""
        return asdict(self)


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


def fit(features: Features, labels: Sequence[int], recipe: Recipe, seed: int) -> xgboost.Booster:
    """Train on `features` (photos, k); `labels` are classes from 0."""
    parameters = {
        "objective": "multi:softprob",
        "num_class": max(labels) + 1,
        "tree_method": recipe.tree_method,
        "max_depth": recipe.max_depth,
        "eta": recipe.eta,
        "seed": seed,
        # Threads add up in an order of their own; one thread gives the same bits each time.
        "nthread": 1,
    }
    return xgboost.train(parameters, xgboost.DMatrix(features, label=labels), recipe.rounds)


def probabilities(booster: xgboost.Booster, features: Features) -> Features:
    """Score rows of `features` (photos, k) -> float32 (photos, classes)."""
    scores: Features = booster.inplace_predict(features)
    return scores


def booster_bytes(booster: xgboost.Booster) -> bytes:
    """Save as JSON, which the container loads and a person can read."""
    return bytes(booster.save_raw("json"))


def load_booster(saved: bytes) -> xgboost.Booster:
    """Load what `booster_bytes` saved."""
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(saved))
    return booster
