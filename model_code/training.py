"""Raw vectors -> a model: the values that it looks at, and a booster over them."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xgboost
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from model_code.errors import UserError
from model_code.recipe import Linear, Recipe
from model_code.release import CONTAINER_VERSION, CONTAINER_XGBOOST
from model_code.selection import mutual_information, select_best
from model_code.split import Groups

Features = npt.NDArray[np.float32]
ITERATIONS = 1000  # far more than it needs
SMALLEST = 1e-6  # of penalties: without any, weights of brands that a line parts have no bound


class Examples(NamedTuple):
    """Photos to learn from."""

    raw: Features  # (photos, raw length)
    mirrored: Features | None  # the same photos seen in a mirror, where the recipe wants them
    labels: npt.NDArray[np.intp]  # (photos,), classes from 0
    groups: Groups | None = None  # of photos that no split may part; None: each is its own

    def rows(self, rows: Sequence[int] | npt.NDArray[np.intp]) -> "Examples":
        """Return some of them."""
        mirrored = None if self.mirrored is None else self.mirrored[rows]
        return Examples(self.raw[rows], mirrored, self.labels[rows], self.together[rows])

    @property
    def together(self) -> Groups:
        """The group of each photo."""
        return np.arange(len(self.labels)) if self.groups is None else self.groups


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
    if isinstance(recipe.xgboost, Linear):
        return fit_linear(features, labels, recipe.xgboost.reg_lambda)
    settings = recipe.xgboost.model_dump()
    rounds = settings.pop("rounds")
    parameters = {**_common(labels), "seed": seed, **settings}
    return xgboost.train(parameters, xgboost.DMatrix(features, label=labels, nthread=1), rounds)


def fit_linear(
    features: Features, labels: npt.NDArray[np.intp], reg_lambda: float
) -> xgboost.Booster:
    """Solve for the weights that XGBoost's gblinear descends to, and write them as one.

    gblinear goes value by value and class by class over all photos, which takes a quarter of an
    hour for 50 classes of 1,000; L-BFGS takes matrix products and is there in a minute.
    Both minimise the mean log loss plus `reg_lambda` / 2 times the weights' squares.
    """
    classes = int(labels.max()) + 1
    # scikit-learn fits one row of weights for two classes, the difference of theirs.
    penalty = reg_lambda * len(labels) / (2 if classes == 2 else 1)
    solver = LogisticRegression(C=1 / max(penalty, SMALLEST), max_iter=ITERATIONS)
    with threadpool_limits(1):  # matrix products too: the same bits each time
        solver.fit(features, labels)
    weights, bias = solver.coef_, solver.intercept_
    if classes == 2:
        weights, bias = np.vstack([-weights, weights]) / 2, np.append(-bias, bias) / 2
    return _linear_booster(weights.astype(np.float32), bias.astype(np.float32), labels)


def _linear_booster(
    weights: Features, bias: Features, labels: npt.NDArray[np.intp]
) -> xgboost.Booster:
    """Give a gblinear booster of the right shape the weights (classes, k) and bias (classes,)."""
    blank = xgboost.DMatrix(np.zeros((1, weights.shape[1])), label=[0], nthread=1)
    parameters = {**_common(labels), "booster": "gblinear", "base_score": 0.0}
    shape = xgboost.train({**parameters, "updater": "coord_descent"}, blank, 1)
    document = json.loads(booster_bytes(shape))
    # Feature by feature, the classes' weights; then the biases.
    flat = [*weights.T.ravel().tolist(), *bias.tolist()]
    document["learner"]["gradient_booster"]["model"]["weights"] = flat
    return load_booster(json.dumps(document).encode())


def _common(labels: npt.NDArray[np.intp]) -> dict[str, Any]:
    return {
        "objective": "multi:softprob",
        "num_class": int(labels.max()) + 1,
        # Threads add up in an order of their own; one thread gives the same bits each time.
        "nthread": 1,
    }


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
