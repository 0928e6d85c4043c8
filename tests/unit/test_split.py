"""The split: scikit-learn's own where nothing belongs together, and no group in two parts."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold, train_test_split

from model_code.comparison import Plan, folds
from model_code.errors import UserError
from model_code.split import grouped_folds, hold_out_groups, units_of_brands

LABELS = np.repeat([0, 1, 2], 20)
ALONE = np.arange(60)
PAIRS = np.concatenate([np.repeat(np.arange(5), 2), np.arange(10, 60)])  # 5 pairs in the first


def test_without_groups_it_is_the_split_of_before() -> None:
    _, test = train_test_split(range(60), test_size=0.25, stratify=LABELS, random_state=3)
    assert hold_out_groups(LABELS, ALONE, 0.25, seed=3).tolist() == sorted(test)
    plain = StratifiedKFold(5, shuffle=True, random_state=3).split(LABELS, LABELS)
    for ours, theirs in zip(grouped_folds(LABELS, ALONE, 5, seed=3), plain, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("seed", range(5))
def test_a_group_is_never_in_two_parts(seed: int) -> None:
    held_out = set(hold_out_groups(LABELS, PAIRS, 0.25, seed).tolist())
    for first in range(0, 10, 2):
        assert (first in held_out) == (first + 1 in held_out)
    tested = []
    for train, test in grouped_folds(LABELS, PAIRS, 5, seed):
        assert not set(PAIRS[train]) & set(PAIRS[test])
        assert set(LABELS[test]) == {0, 1, 2}
        tested += test.tolist()
    assert sorted(tested) == list(range(60))


def test_a_group_may_lie_anywhere_and_across_brands() -> None:
    groups = ALONE.copy()
    groups[[7, 33, 59]] = 7
    for train, test in grouped_folds(LABELS, groups, 5, seed=0):
        for part in (train, test):
            assert len({7, 33, 59} & set(part.tolist())) in (0, 3)
    assert units_of_brands(LABELS, groups).tolist() == [20, 19, 19]


def test_only_where_there_are_groups_the_split_differs() -> None:
    alone = hold_out_groups(LABELS, ALONE, 0.25, seed=0)
    assert not np.array_equal(alone, hold_out_groups(LABELS, PAIRS, 0.25, seed=0))
    renumbered = hold_out_groups(LABELS, ALONE[::-1].copy(), 0.25, seed=0)
    np.testing.assert_array_equal(alone, renumbered)


def test_too_few_groups_for_the_folds_are_refused() -> None:
    groups = np.concatenate([np.zeros(20, int), np.arange(20, 60)])
    with pytest.raises(UserError, match="A brand has 1 photos, too few for 5 folds; near-copies"):
        folds(LABELS, Plan(5, 1, 0), groups)
