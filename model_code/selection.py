"""Which values of the raw vector to keep: the most informative about the brand."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.feature_selection import SelectKBest, mutual_info_classif

Scores = npt.NDArray[np.float64]


def mutual_information(raw: npt.NDArray[np.float32], labels: Sequence[int], seed: int) -> Scores:
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
    scores: Scores = mutual_info_classif(
        raw, labels, discrete_features=False, random_state=seed, n_jobs=-1
    )
    return scores


def select_best(scores: Scores, k: int) -> npt.NDArray[np.intp]:
    """Return the sorted indices of the `k` best scores, ties broken as SelectKBest does."""
    selector = SelectKBest(lambda _features, _labels: scores, k=min(k, len(scores)))
    # It fits on scores alone; one row of zeros gives it the number of values.
    selector.fit(np.zeros((1, len(scores))), [0])
    chosen: npt.NDArray[np.intp] = selector.get_support(indices=True)
    return chosen
