"""All that the finders look at, gathered once for a folder of photos."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model_code.curation.duplicates import Pairs, near_duplicates, unit
from model_code.curation.groups import together
from model_code.curation.measures import Measures, measure
from model_code.dataset import Dataset, Photo
from model_code.extraction import extract
from model_code.listing import list_photos

NEAREST, LEAST_NEAREST = 0.1, 3  # of a brand's photos, that a photo is compared with
BLOCK = 1024  # photos at once


@dataclass(frozen=True)
class Evidence:
    """Measured facts, one row a photo."""

    dataset: Dataset
    measures: Measures
    vectors: npt.NDArray[np.float32]  # embeddings, (photos, values)
    copies: Pairs
    elsewhere: Mapping[str, tuple[str, ...]]  # by digest: other brands that have the same file

    @cached_property
    def labels(self) -> npt.NDArray[np.intp]:
        """The class of each photo."""
        return np.asarray(self.dataset.labels)

    @cached_property
    def directions(self) -> npt.NDArray[np.float32]:
        """The embeddings, each of length 1."""
        return unit(self.vectors)

    @cached_property
    def groups(self) -> npt.NDArray[np.intp]:
        """The same number for near-copies."""
        return together(len(self.labels), self.copies.rows)

    @cached_property
    def likeness(self) -> npt.NDArray[np.float32]:
        """The mean cosine to the nearest photos of each brand, (photos, brands).

        Near-copies of a photo do not count: they would vouch for each other.
        """
        near = np.empty((len(self.labels), len(self.dataset.brands)), np.float32)
        for label in range(near.shape[1]):
            members = np.flatnonzero(self.labels == label)
            count = min(max(LEAST_NEAREST, round(NEAREST * len(members))), len(members))
            for start in range(0, len(near), BLOCK):
                rows = slice(start, start + BLOCK)
                cosines = self.directions[rows] @ self.directions[members].T
                cosines[self.groups[rows, None] == self.groups[members]] = -1
                best = np.partition(cosines, -count, axis=1)[:, -count:]
                near[rows, label] = best.mean(axis=1)
        return near


def gather(folder: Path) -> Evidence:
    """Read the photos below `folder` as they lie there, whatever was decided about them.

    Raises
    ------
    UserError
        As `scan` and `extract` do.
    """
    dataset, elsewhere = _as_they_lie(folder)
    dataset, vectors, _ = extract(dataset, "embedding", mirrored=False)
    measures = measure(dataset.photos)
    return Evidence(dataset, measures, vectors, near_duplicates(measures, vectors), elsewhere)


def _as_they_lie(folder: Path) -> tuple[Dataset, dict[str, tuple[str, ...]]]:
    """List each content once, with the other brands that have it too."""
    listing = list_photos(folder)
    first: dict[str, Photo] = {}
    elsewhere: dict[str, set[str]] = {}
    for photo in listing.photos:
        kept = first.setdefault(photo.sha256, photo)
        if photo.brand != kept.brand:
            elsewhere.setdefault(photo.sha256, set()).add(photo.brand)
    photos = sorted(first.values(), key=lambda photo: (photo.brand, photo.sha256))
    dataset = Dataset(listing.brands, tuple(photos), listing.skipped, sha256="")
    others = {sha256: tuple(sorted(brands)) for sha256, brands in elsewhere.items()}
    return dataset.without(()), others
