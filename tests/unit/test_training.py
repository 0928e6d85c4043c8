"""Training: the recipe of 2019, the container's XGBoost, the same bits each time."""

import json
import os
import subprocess
import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import xgboost

from model_code.errors import UserError
from model_code.evaluation import evaluate
from model_code.release import Brand
from model_code.training import (
    Recipe,
    booster_bytes,
    check_xgboost,
    fit,
    load_booster,
    probabilities,
)

LABELS = [row % 3 for row in range(90)]


@pytest.fixture(scope="module")
def features() -> npt.NDArray[np.float32]:
    values = np.random.default_rng(0).random((90, 40), dtype=np.float32)
    values[:, :3] += 0.4 * np.eye(3, dtype=np.float32)[LABELS]
    return values


@pytest.fixture(scope="module")
def document(features: npt.NDArray[np.float32]) -> Any:
    return json.loads(booster_bytes(fit(features, LABELS, Recipe(), seed=0)))


def test_the_recipe_is_that_of_2019() -> None:
    assert Recipe().parameters == {
        "extractor": "pixels",
        "k": 400,
        "max_depth": 5,
        "eta": 0.2,
        "rounds": 10,
        "tree_method": "exact",
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


def test_probabilities_are_one_row_a_photo(features: npt.NDArray[np.float32]) -> None:
    scores = probabilities(fit(features, LABELS, Recipe(), seed=0), features)
    assert scores.shape == (90, 3)
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-6)


def test_a_saved_booster_answers_the_same(features: npt.NDArray[np.float32]) -> None:
    booster = fit(features, LABELS, Recipe(), seed=0)
    again = load_booster(booster_bytes(booster))
    np.testing.assert_array_equal(probabilities(again, features), probabilities(booster, features))
    assert booster_bytes(again) == booster_bytes(booster)


TRAIN_ELSEWHERE = """
import hashlib, numpy as np
from model_code.training import Recipe, booster_bytes, fit
values = np.random.default_rng(0).random((900, 40), dtype=np.float32)
booster = fit(values, [row % 3 for row in range(900)], Recipe(), seed=0)
print(hashlib.sha256(booster_bytes(booster)).hexdigest())
"""


def test_the_booster_has_the_same_bytes_whatever_the_number_of_cores() -> None:
    digests = set()
    for threads in ("1", "3"):
        run = subprocess.run(
            [sys.executable, "-c", TRAIN_ELSEWHERE],
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
    predicted = [0, 0, 1, 1, 1, 0]  # class c is never predicted
    metrics = evaluate(BRANDS, [0, 0, 0, 1, 1, 2], np.eye(3, dtype=np.float32)[predicted])
    assert metrics["micro_f1"] == pytest.approx(4 / 6, abs=1e-6)
    assert metrics["confusion"] == [[2, 1, 0], [0, 2, 0], [1, 0, 0]]
    assert metrics["brands"]["a"]["precision"] == pytest.approx(2 / 3, abs=1e-6)
    assert metrics["brands"]["a"]["recall"] == pytest.approx(2 / 3, abs=1e-6)
    assert metrics["brands"]["b"]["f1"] == pytest.approx(4 / 5, abs=1e-6)
    assert metrics["brands"]["c"] == {"precision": 0, "recall": 0, "f1": 0, "support": 1}
