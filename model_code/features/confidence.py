"""What the endpoint answered -> honest probabilities, and whether they are sure enough.

Both sides need it: training chooses the numbers, the Lambda and every replay apply them.
"""

import math
from collections.abc import Sequence
from operator import mul
from typing import NamedTuple


class Confidence(NamedTuple):
    """When an answer counts as confident, as a release has it."""

    temperature: float
    min_probability: float
    min_likeness: float
    # By class: what the features of its training photos are on average, scaled to length 1.
    means: Sequence[Sequence[float]]


def calibrate(scores: Sequence[float], temperature: float) -> list[float]:
    """Flatten (above 1) or sharpen (below 1) probabilities; their order stays.

    Temperature scaling, Guo et al. 2017, https://arxiv.org/abs/1706.04599: the logits are
    divided by the temperature. A probability is its logit's exponential, but for a factor.
    """
    top = max(scores)
    powers = [(score / top) ** (1 / temperature) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def likeness(features: Sequence[float], means: Sequence[Sequence[float]]) -> float:
    """Return the cosine between the features and the nearest brand's mean, from -1 to 1.

    A photo of none of the brands can look like one of them to the booster, which only draws
    borders between them; it is seldom near the middle of any.
    """
    length = math.hypot(*features) or 1.0
    nearest: float = max(sum(map(mul, features, mean)) for mean in means)
    return nearest / length


def is_confident(
    probabilities: Sequence[float], features: Sequence[float], confidence: Confidence
) -> bool:
    """Tell whether calibrated probabilities are sure enough, of a photo that is like a brand's."""
    return (
        max(probabilities) >= confidence.min_probability
        and likeness(features, confidence.means) >= confidence.min_likeness
    )
