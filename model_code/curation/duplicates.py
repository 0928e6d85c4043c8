"""Near-copies of a photo among tens of thousands.

Candidates are the nearest photos by perceptual hash, which sees copies that were resized or
compressed anew, and by embedding, which also sees those that were cut. What the two are alike in
may be no more than the dish: so each candidate is matched by its pixels as well.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from model_code.curation.matching import match, plain
from model_code.curation.measures import Measures

BITS = 8  # of 64 in which hashes may differ
COSINE = 0.65  # of embeddings
NEAREST = 3  # candidates of a photo; more copies of it hang together by each other
BLOCK = 1024  # photos that are compared with all others at once
COPY = 0.93  # correlation; other photos of the same dish stay below 0.91


class Pairs(NamedTuple):
    """Photos that are the same one."""

    rows: npt.NDArray[np.intp]  # (pairs, 2), the lower row first
    scores: npt.NDArray[np.float32]  # (pairs,): correlation of their pixels


def near_duplicates(measures: Measures, vectors: npt.NDArray[np.float32]) -> Pairs:
    """Find the near-copies.

    Parameters
    ----------
    vectors
        Embeddings of the same photos, of shape (photos, values).
    """
    usable = np.flatnonzero(~plain(measures.thumbs))
    pairs = usable[_candidates(measures.hashes[usable], unit(vectors[usable]))]
    scores = match(measures.thumbs, pairs)
    same = scores >= COPY
    return Pairs(pairs[same], scores[same])


def unit(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Scale each row to length 1; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)


def _candidates(
    hashes: npt.NDArray[np.uint64], vectors: npt.NDArray[np.float32]
) -> npt.NDArray[np.intp]:
    found = [np.empty((0, 2), np.intp)]
    for start in range(0, len(hashes), BLOCK):
        rows = slice(start, start + BLOCK)
        agreeing = 64 - np.bitwise_count(hashes[rows, None] ^ hashes).astype(np.float32)
        found += _nearest(agreeing, start, 64 - BITS)
        found += _nearest(vectors[rows] @ vectors.T, start, COSINE)
    pairs: npt.NDArray[np.intp] = np.unique(np.sort(np.concatenate(found), axis=1), axis=0)
    return pairs


def _nearest(
    likeness: npt.NDArray[np.float32], start: int, least: float
) -> Iterator[npt.NDArray[np.intp]]:
    """Yield pairs of each row of a block and those that are most like it, if enough."""
    own = np.arange(len(likeness))
    likeness[own, start + own] = -np.inf
    for _ in range(min(NEAREST, likeness.shape[1] - 1)):
        best = likeness.argmax(axis=1)
        near = likeness[own, best] >= least
        yield np.stack([start + own, best], axis=1)[near]
        likeness[own, best] = -np.inf
