"""Selection and sweep: as scikit-learn selects, with the scores computed once."""

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.feature_selection import SelectKBest, mutual_info_classif

from model_code.recipe import RECIPES
from model_code.selection import mutual_information, select_best
from model_code.sweep import sweep
from model_code.training import Examples


@pytest.fixture(scope="module")
def part() -> Examples:
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    raw = rng.random((60, 900))
    raw[:, 7] = labels / 2
    raw[:, 500] = labels == 1
    return Examples(raw.astype(np.float32), None, labels)


def test_the_best_values_are_those_that_tell_the_brand(part: Examples) -> None:
    scores = mutual_information(part.raw, part.labels, seed=0)
    assert select_best(scores, 2).tolist() == [7, 500]


def awkward(rows: int) -> npt.NDArray[np.float32]:
    """Columns with what has no order: equal values, zeros, levels; tiny, huge and constant."""
    rng = np.random.default_rng(rows)
    raw = rng.random((rows, 60)).astype(np.float32)
    raw[:, :10] = np.round(raw[:, :10] * 4) / 4
    raw[:, 10:20] *= rng.random((rows, 10)) < 0.3
    raw[:, 20:25] *= 1e-20
    raw[:, 25:30] *= 1e20
    raw[:, 30] = 7
    return raw


@pytest.mark.parametrize(("rows", "classes"), [(300, 4), (200, 9), (40, 3)])
def test_scores_are_those_of_scikit_learn(rows: int, classes: int) -> None:
    """From eight photos a class on: below, scikit-learn computes distances less exactly."""
    raw, labels = awkward(rows), np.arange(rows) % classes
    reference = mutual_info_classif(raw, labels, discrete_features=False, random_state=3)
    np.testing.assert_allclose(mutual_information(raw, labels, 3), reference, atol=1e-12)


@pytest.mark.parametrize("k", [1, 40, 899])
def test_selects_as_select_k_best_does(part: Examples, k: int) -> None:
    def score(features: object, labels: object) -> object:
        return mutual_info_classif(features, labels, discrete_features=False, random_state=3)

    reference = SelectKBest(score, k=k).fit(part.raw, part.labels).get_support(indices=True)
    assert np.array_equal(select_best(mutual_information(part.raw, part.labels, 3), k), reference)


def test_more_values_than_there_are_means_all(part: Examples) -> None:
    assert select_best(np.arange(5.0), 400).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("raw_length", "step", "points"), [(4800, 400, 12), (1280, 106, 13)])
def test_the_sweep_takes_the_notebooks_steps_on_both_sets(
    raw_length: int, step: int, points: int
) -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(30) % 3
    raw = rng.random((30, raw_length)).astype(np.float32)
    raw[:, :3] = np.eye(3)[labels]
    part = Examples(raw, None, labels)
    scores = mutual_information(raw, labels, seed=0)
    found = sweep(part, part, scores, RECIPES["pixels"], seed=0)
    assert [point.k for point in found] == [1 + step * number for number in range(points)]
    assert all(point.train == point.test > 0.5 for point in found)
