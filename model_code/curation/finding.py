"""What a finder returns: a score and a reason for each photo."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

PROPOSED = 0.5  # from this score on, a photo is put before a person
Scores = npt.NDArray[np.float64]


class Findings(NamedTuple):
    """What one finder says of all photos."""

    scores: Scores  # (photos,), in [0, 1]
    reasons: Sequence[str]  # as many


def graded(values: npt.ArrayLike, harmless: float, doubtful: float, certain: float) -> Scores:
    """Turn a measure into scores: 0 where it is harmless, `PROPOSED` where doubtful, then up to 1.

    The measure may rise or fall on the way from `harmless` to `certain`.
    """
    rising = np.sign(certain - harmless)
    steps = rising * np.array([harmless, doubtful, certain])
    scores: Scores = np.interp(rising * np.asarray(values, np.float64), steps, [0, PROPOSED, 1])
    return scores
