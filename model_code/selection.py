"""Which values of the raw vector to keep: the most informative about the brand.

The score is scikit-learn's `mutual_info_classif` for continuous values (B. C. Ross, 2014,
https://doi.org/10.1371/journal.pone.0087357), but for the rounding of a sum. scikit-learn asks a
tree for the neighbours of each photo; in one dimension they stand beside it once the values are
sorted, which is several times quicker. The tests hold one to the other.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
from scipy.special import digamma
from sklearn.feature_selection import SelectKBest
from sklearn.preprocessing import scale

Scores = npt.NDArray[np.float64]

NEIGHBORS = 3  # scikit-learn's default
NOISE = 1e-10  # so that equal values have an order, as Kraskov et al. suggest
ROWS = 1024  # photos that get their noise at once; all at once would double the memory


def mutual_information(
    raw: npt.NDArray[np.float32], labels: npt.NDArray[np.intp], seed: int
) -> Scores:
    """Score each value of the raw vector, once, on all cores.

    The 2019 notebook computed this anew for each k of its sweep; it does not depend on k.

    Parameters
    ----------
    raw
        float32, shape (photos, raw length): training photos only.
    labels
        The class of each photo.

    Returns
    -------
    float64 array of shape (raw length,), in nats
    """
    values = _with_noise(raw, seed)
    classes = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    classes = [rows for rows in classes if len(rows) > 1]  # one photo has no neighbours
    # Threads: numpy sorts and searches without the interpreter's lock.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        scores = list(pool.map(lambda column: _score(column, classes), values.T))
    return np.array(scores)


def select_best(scores: Scores, k: int) -> npt.NDArray[np.intp]:
    """Return the sorted indices of the `k` best scores, ties broken as SelectKBest does."""
    selector = SelectKBest(lambda _features, _labels: scores, k=min(k, len(scores)))
    # It fits on scores alone; one row of zeros gives it the number of values.
    selector.fit(np.zeros((1, len(scores))), [0])
    chosen: npt.NDArray[np.intp] = selector.get_support(indices=True)
    return chosen


def _with_noise(raw: npt.NDArray[np.float32], seed: int) -> Scores:
    """Scale each column to a standard deviation of 1, and add what scikit-learn adds."""
    values: Scores = scale(raw.astype(np.float64), with_mean=False, copy=False)
    amount = NOISE * np.maximum(1, np.mean(np.abs(values), axis=0))
    random = np.random.RandomState(seed)
    for start in range(0, len(values), ROWS):
        rows = values[start : start + ROWS]
        rows += amount * random.standard_normal(size=rows.shape)
    return np.asfortranarray(values)


def _score(column: Scores, classes: Sequence[npt.NDArray[np.intp]]) -> float:
    everyone = np.sort(column[np.concatenate(classes)])
    neighbors, within, sizes = [], [], []
    for rows in classes:
        k = min(NEIGHBORS, len(rows) - 1)
        own = np.sort(column[rows])
        within.append(_closer(everyone, own, _distance(own, k)))
        neighbors += [k] * len(rows)
        sizes += [len(rows)] * len(rows)
    information = (
        digamma(len(everyone))
        + np.mean(digamma(neighbors))
        - np.mean(digamma(sizes))
        - np.mean(digamma(np.concatenate(within)))
    )
    return max(0.0, float(information))


def _distance(own: Scores, k: int) -> Scores:
    """Return how far each of the sorted values is from its `k`-th nearest neighbour."""
    far = np.full(k, np.inf)
    padded = np.concatenate([-far, own, far])
    left = [own - padded[k - j : k - j + len(own)] for j in range(k + 1)]
    right = [padded[k + j : k + j + len(own)] - own for j in range(k + 1)]
    # The k nearest are a window of j on the left and k - j on the right.
    nearest: Scores = np.min([np.maximum(left[j], right[k - j]) for j in range(k + 1)], axis=0)
    return nearest


def _closer(everyone: Scores, own: Scores, distance: Scores) -> npt.NDArray[np.intp]:
    """Count the values closer to each of `own` than its distance, itself among them."""
    end = np.searchsorted(everyone, own + distance, side="left")
    start = np.searchsorted(everyone, own - distance, side="right")
    # A sum is rounded otherwise than the difference that is meant: look one value further.
    last, count = len(everyone) - 1, len(everyone)
    end += (end < count) & (everyone[np.minimum(end, last)] - own < distance)
    end -= everyone[np.maximum(end - 1, 0)] - own >= distance
    start -= (start > 0) & (own - everyone[np.maximum(start - 1, 0)] < distance)
    start += own - everyone[np.minimum(start, last)] >= distance
    return end - start
