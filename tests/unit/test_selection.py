"""Selection and sweep: as scikit-learn selects, with the scores computed once."""

import numpy as np
import pytest
from sklearn.feature_selection import SelectKBest, mutual_info_classif

from model_code.selection import mutual_information, select_best
from model_code.sweep import Part, sweep
from model_code.training import Recipe


@pytest.fixture(scope="module")
def part() -> Part:
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    raw = rng.random((60, 900))
    raw[:, 7] = labels / 2
    raw[:, 500] = labels == 1
    return Part(raw.astype(np.float32), labels.tolist())


def test_the_best_values_are_those_that_tell_the_brand(part: Part) -> None:
    scores = mutual_information(part.raw, part.labels, seed=0)
    assert select_best(scores, 2).tolist() == [7, 500]


@pytest.mark.parametrize("k", [1, 40, 899])
def test_selects_as_select_k_best_does(part: Part, k: int) -> None:
    def score(features: object, labels: object) -> object:
        return mutual_info_classif(features, labels, discrete_features=False, random_state=3)

    reference = SelectKBest(score, k=k).fit(part.raw, part.labels).get_support(indices=True)
    assert np.array_equal(select_best(mutual_information(part.raw, part.labels, 3), k), reference)


def test_more_values_than_there_are_means_all(part: Part) -> None:
    assert select_best(np.arange(5.0), 400).tolist() == [0, 1, 2, 3, 4]


def test_the_sweep_measures_every_400th_k_on_both_sets(part: Part) -> None:
    scores = mutual_information(part.raw, part.labels, seed=0)
    points = sweep(part, part, scores, Recipe(), seed=0)
    assert [point.k for point in points] == [1, 401, 801]
    assert all(point.train == point.test > 0.5 for point in points)
