"""The finder of near-copies, within a brand and across brands."""

from collections.abc import Iterator, Sequence

import numpy as np

from model_code.curation.doubt_finder import Probabilities
from model_code.curation.duplicates import COPY
from model_code.curation.evidence import Evidence
from model_code.curation.finding import PROPOSED, Findings, Scores, graded


def duplicate(evidence: Evidence, kept: set[int]) -> Findings:
    """Find the copies of photos; `kept`, of each group one, only where it lies across brands."""
    photos = evidence.dataset.photos
    names = [f"{photo.brand}/{photo.path.name}" for photo in photos]
    scores, reasons = _certainty(evidence), [""] * len(photos)
    for members in copy_groups(evidence):
        across = len({photos[row].brand for row in members}) > 1
        for row in members:
            others = ", ".join(names[other] for other in members if other != row)
            reasons[row] = f"{'under two brands: ' * across}the same photo as {others}"
            if across:
                scores[row] = PROPOSED if row in kept else 1
            elif row in kept:
                scores[row] = 0
    for row, photo in enumerate(photos):
        if elsewhere := evidence.elsewhere.get(photo.sha256):
            scores[row] = 1
            brands = ", ".join((photo.brand, *elsewhere))
            reasons[row] = f"the same file lies under {brands}; training uses none of them"
    return Findings(scores, reasons)


def copy_groups(evidence: Evidence) -> Iterator[list[int]]:
    """Yield the rows of each group of two photos or more."""
    order = np.argsort(evidence.groups, kind="stable")
    borders = np.flatnonzero(np.diff(evidence.groups[order])) + 1
    for members in np.split(order, borders):
        if len(members) > 1:
            yield members.tolist()


def to_keep(evidence: Evidence, probabilities: Probabilities | None) -> set[int]:
    """Choose one photo of each group of copies.

    The largest; across brands, of those in the brand that models of the other photos believe.
    """
    return {_best(evidence, members, probabilities) for members in copy_groups(evidence)}


def _best(evidence: Evidence, members: Sequence[int], probabilities: Probabilities | None) -> int:
    labels, areas = evidence.labels, evidence.measures.sizes.prod(axis=1)
    believed = (
        np.zeros(len(evidence.dataset.brands))
        if probabilities is None
        else probabilities[members].mean(axis=0)
    )
    return max(members, key=lambda row: (believed[labels[row]], areas[row], -row))


def _certainty(evidence: Evidence) -> Scores:
    """Return what the best match of each photo says; 0 where it has none."""
    best = np.zeros(len(evidence.labels))
    for column in evidence.copies.rows.T:
        np.maximum.at(best, column, evidence.copies.scores)
    return graded(best, harmless=0, doubtful=COPY, certain=1)
