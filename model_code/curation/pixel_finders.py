"""Finders that look at the pixels: too small, blurred, text cards and screenshots.

Thresholds were chosen on one half of some real photos and tried on the other, see
docs/curate.md; `python -m bench.curation` does it again.
"""

import numpy as np

from model_code.curation.evidence import Evidence
from model_code.curation.finding import Findings, graded
from model_code.curation.measures import COLOURS


def small(evidence: Evidence) -> Findings:
    """Find what the network, which sees 224 px, would have to blow up."""
    sizes = evidence.measures.sizes
    scores = graded(sizes.min(axis=1), harmless=224, doubtful=128, certain=32)
    return Findings(scores, [f"only {width:.0f}x{height:.0f} px" for width, height in sizes])


def blurred(evidence: Evidence) -> Findings:
    """Find photos whose sharpest part is soft at the size that the network sees."""
    sharpness = evidence.measures.sharpness
    # By its logarithm: each blur halves it.
    scores = graded(np.log(sharpness + 1e-6), *np.log([0.6, 0.15, 0.02]))
    return Findings(scores, [f"its sharpest part is soft ({value:.2f})" for value in sharpness])


def card(evidence: Evidence) -> Findings:
    """Find text cards and screenshots: few colours, and much of it plain."""
    flatness, palette = evidence.measures.flatness, evidence.measures.palette
    scores = graded(palette + flatness / 2, harmless=0.7, doubtful=0.95, certain=1.4)
    reasons = [
        f"like a text card or screenshot: {COLOURS} colours are {colours:.0%} of it, "
        f"{flat:.0%} is plain"
        for colours, flat in zip(palette, flatness, strict=True)
    ]
    return Findings(scores, reasons)
