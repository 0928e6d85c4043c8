"""Training: the recipe of 2019, the container's XGBoost, the same bits each time."""

import json
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import xgboost

from model_code.errors import UserError
from model_code.evaluation import evaluate
from model_code.recipe import RECIPES, Recipe
from model_code.release import Brand
from model_code.training import (
    Examples,
    Model,
    booster_bytes,
    check_xgboost,
    fit_linear,
    load_booster,
    train_model,
)

LABELS = np.arange(90) % 3


@pytest.fixture(scope="module")
def examples() -> Examples:
    values = np.random.default_rng(0).random((90, 40), dtype=np.float32)
    values[:, :3] += 0.4 * np.eye(3, dtype=np.float32)[LABELS]
    return Examples(values, values[:, ::-1].copy(), LABELS)


@pytest.fixture(scope="module", params=RECIPES)
def recipe(request: pytest.FixtureRequest) -> Recipe:
    return RECIPES[request.param]


@pytest.fixture(scope="module")
def model(examples: Examples, recipe: Recipe) -> Model:
    return train_model(examples, recipe, seed=0)


@pytest.fixture(scope="module")
def document(examples: Examples) -> Any:
    return json.loads(booster_bytes(train_model(examples, RECIPES["pixels"], seed=0).booster))


def test_the_recipe_of_2019_is_exactly_that() -> None:
    recipe = RECIPES["pixels"]
    assert (recipe.extractor, recipe.k, recipe.mirrored) == ("pixels", 400, False)
    assert recipe.xgboost.model_dump() == {
        "booster": "gbtree",
        "rounds": 10,
        "eta": 0.2,
        "max_depth": 5,
        "tree_method": "exact",
        "subsample": 1,
        "colsample_bytree": 1,
    }


def test_the_booster_is_ten_trees_a_class_of_at_most_depth_five(document: Any) -> None:
    trees = document["learner"]["gradient_booster"]["model"]["trees"]
    assert len(trees) == 10 * 3
    for tree in trees:
        depth = {0: 0}
        for node, parent in enumerate(tree["parents"][1:], start=1):
            depth[node] = depth[parent] + 1
        assert max(depth.values()) <= 5


def test_the_booster_takes_plain_rows_of_numbers(document: Any) -> None:
    assert document["learner"]["attributes"] == {}
    assert document["learner"]["feature_names"] == []
    assert document["learner"]["objective"]["name"] == "multi:softprob"


def test_probabilities_are_one_row_a_photo(model: Model, examples: Examples) -> None:
    scores = model.probabilities(examples.raw)
    assert scores.shape == (90, 3)
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-6)
    assert (scores.argmax(axis=1) == LABELS).mean() > 0.6


def test_a_saved_booster_answers_the_same(model: Model, examples: Examples) -> None:
    again = Model(model.selection, load_booster(booster_bytes(model.booster)))
    np.testing.assert_array_equal(
        again.probabilities(examples.raw), model.probabilities(examples.raw)
    )
    assert booster_bytes(again.booster) == booster_bytes(model.booster)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_linear_booster_is_what_gblinear_descends_to(examples: Examples, classes: int) -> None:
    labels = LABELS % classes
    parameters = {
        "objective": "multi:softprob", "num_class": classes, "booster": "gblinear",
        "updater": "coord_descent", "reg_lambda": 0.01, "eta": 0.5, "nthread": 1,
    }  # fmt: skip
    matrix = xgboost.DMatrix(examples.raw, label=labels)
    descended = xgboost.train(parameters, matrix, 2000).predict(matrix)
    solved = fit_linear(examples.raw, labels, reg_lambda=0.01).predict(matrix)
    np.testing.assert_allclose(solved, descended, atol=2e-3)


def test_mirrored_photos_are_learned_from_where_the_recipe_says_so(examples: Examples) -> None:
    for name, differs in (("embedding", True), ("pixels", False)):
        plain = train_model(examples._replace(mirrored=None), RECIPES[name], seed=0)
        both = train_model(examples, RECIPES[name], seed=0)
        assert (booster_bytes(plain.booster) != booster_bytes(both.booster)) == differs


TRAIN_ELSEWHERE = """
import hashlib, sys, numpy as np
from model_code.recipe import RECIPES
from model_code.training import Examples, booster_bytes, train_model
values = np.random.default_rng(0).random((900, 40), dtype=np.float32)
examples = Examples(values, values, np.arange(900) % 3)
booster = train_model(examples, RECIPES[sys.argv[1]], seed=0).booster
print(hashlib.sha256(booster_bytes(booster)).hexdigest())
"""


@pytest.mark.parametrize("name", RECIPES)
def test_the_booster_has_the_same_bytes_whatever_the_number_of_cores(name: str) -> None:
    digests = set()
    for threads in ("1", "3"):
        run = subprocess.run(
            [sys.executable, "-c", TRAIN_ELSEWHERE, name],
            env=os.environ | {"OMP_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(run.stdout)
    assert len(digests) == 1


def test_another_xgboost_than_the_containers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    check_xgboost()
    monkeypatch.setattr(xgboost, "__version__", "3.3.0")
    with pytest.raises(UserError, match=r"XGBoost 3.3.0 is installed.* has 3.2.0.*make setup"):
        check_xgboost()


BRANDS = [Brand(id="a", name="A"), Brand(id="b", name="B"), Brand(id="c", name="C")]


def test_metrics_are_those_of_the_textbook() -> None:
    labels = np.array([0, 0, 0, 1, 1, 2])
    predicted = [0, 0, 1, 1, 1, 0]  # class c is never predicted
    confident = np.array([True, True, True, False, False, False])
    metrics = evaluate(BRANDS, labels, np.eye(3)[predicted], confident)
    assert metrics["micro_f1"] == pytest.approx(4 / 6, abs=1e-6)
    assert metrics["confusion"] == [[2, 1, 0], [0, 2, 0], [1, 0, 0]]
    assert metrics["brands"]["a"]["precision"] == pytest.approx(2 / 3, abs=1e-6)
    assert metrics["brands"]["a"]["recall"] == pytest.approx(2 / 3, abs=1e-6)
    assert metrics["brands"]["b"]["f1"] == pytest.approx(4 / 5, abs=1e-6)
    assert metrics["brands"]["c"] == {"precision": 0, "recall": 0, "f1": 0, "support": 1}
    assert metrics["confident"]["share"] == 0.5
    assert metrics["confident"]["precision"] == pytest.approx(2 / 3, abs=1e-6)
    # Every answer says it is certain, and four of six are right.
    assert metrics["calibration_error"] == pytest.approx(1 / 3, abs=1e-6)


def test_no_confident_answer_has_no_precision() -> None:
    metrics = evaluate(BRANDS, np.array([0, 1, 2]), np.eye(3), np.zeros(3, dtype=bool))
    assert metrics["confident"] == {"share": 0, "precision": None}
