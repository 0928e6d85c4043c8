"""Photos for training and photos for testing: what belongs together stays on one side.

Near-copies and the photos of one post are a group. A group is split as if it were one photo, the
first of it; without groups that is scikit-learn's own split.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold, train_test_split

Rows = npt.NDArray[np.intp]
Labels = npt.NDArray[np.intp]
Groups = npt.NDArray[np.intp]  # (photos,): the same number for those that stay together


def hold_out_groups(labels: Labels, groups: Groups, share: float, seed: int) -> Rows:
    """Return the sorted rows of about a `share` of the photos, stratified by brand."""
    first, unit = _units(groups)
    _, held_out = train_test_split(
        range(len(first)), test_size=share, stratify=labels[first], random_state=seed
    )
    return np.flatnonzero(np.isin(unit, held_out))


def grouped_folds(
    labels: Labels, groups: Groups, count: int, seed: int
) -> Iterator[tuple[Rows, Rows]]:
    """Yield the rows to learn from and to test on, `count` times, stratified by brand."""
    first, unit = _units(groups)
    folds = StratifiedKFold(count, shuffle=True, random_state=seed)
    for _, held_out in folds.split(first, labels[first]):
        tested = np.isin(unit, held_out)
        yield np.flatnonzero(~tested), np.flatnonzero(tested)


def units_of_brands(labels: Labels, groups: Groups) -> npt.NDArray[np.intp]:
    """Count the groups of each brand; one of several brands counts for its first photo's."""
    first, _ = _units(groups)
    return np.bincount(labels[first], minlength=int(labels.max()) + 1)


def _units(groups: Groups) -> tuple[Rows, Rows]:
    """Return the first photo of each group, in their order, and the group of each photo."""
    _, first, unit = np.unique(groups, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return first[order], np.argsort(order)[unit]
