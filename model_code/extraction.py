"""A dataset -> its raw vectors, on all cores, holding no more than a few decoded photos."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import PIL

from model_code.dataset import Dataset, Photo, Skipped, file_sha256
from model_code.errors import UserError
from model_code.features import EXTRACTORS, Extract, PhotoError, load_extractor
from model_code.network import NETWORK
from model_code.progress import track
from model_code.vector_cache import VectorCache, open_cache

Raw = npt.NDArray[np.float32]

BATCH = 64  # photos whose vectors are kept at once: what a run that is stopped loses


class Extraction(NamedTuple):
    """The photos that could be read, with their raw vectors in the same order."""

    dataset: Dataset  # each photo that is unreadable or too small is told in `skipped`
    raw: Raw  # (photos, raw length)
    mirrored: Raw | None  # the same of the photos as a mirror shows them


def extract(dataset: Dataset, extractor: str, mirrored: bool) -> Extraction:
    """Decode each photo that was not read before with this extractor.

    Raises
    ------
    UserError
        A brand has too few photos left, or the extractor's weights are missing.
    """
    views = (False, True) if mirrored else (False,)
    vectors = np.empty(
        (len(views), len(dataset.photos), EXTRACTORS[extractor].raw_length), np.float32
    )
    faults, kept = [], 0
    with open_cache() as cache:
        results = _Extractor(extractor, views, cache).vectors(dataset.photos)
        for result in track(results, "Reading photos", len(dataset.photos)):
            if isinstance(result, Skipped):
                faults.append(result)
                continue
            for view, vector in enumerate(result):
                vectors[view, kept] = np.frombuffer(vector, np.float32)
            kept += 1
    return Extraction(
        dataset.without(faults), vectors[0, :kept], vectors[1, :kept] if mirrored else None
    )


class _Extractor:
    """One extractor with its weights, and what it computed before."""

    def __init__(self, name: str, views: Sequence[bool], cache: VectorCache) -> None:
        self.views, self.cache = views, cache
        self.size = EXTRACTORS[name].raw_length * np.dtype(np.float32).itemsize  # bytes a vector
        weights = EXTRACTORS[name].weights
        if weights and not (NETWORK / weights).is_file():
            raise UserError(f"{NETWORK / weights} is missing. Make it: make setup")
        try:
            self.extract: Extract = load_extractor(name, NETWORK)
        except Exception as error:  # onnxruntime has its own, with no common base
            raise UserError(
                f"{NETWORK / str(weights)} cannot be loaded ({error}). Delete it, then: make setup"
            ) from error
        digest = file_sha256(NETWORK / weights)[:16] if weights else ""
        self.prefix = f"{name} {EXTRACTORS[name].version} {digest} Pillow {PIL.__version__}"

    def vectors(self, photos: Sequence[Photo]) -> Iterator[list[bytes] | Skipped]:
        """Yield for each photo its vector in each view, or why there is none."""
        # Threads: Pillow and onnxruntime work without the interpreter's lock.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for start in range(0, len(photos), BATCH):
                batch = photos[start : start + BATCH]
                known = self.cache.get(
                    [key for photo in batch for key in self._keys(photo)], self.size
                )
                results = list(pool.map(lambda photo: self._read(photo, known), batch))  # noqa: B023
                self.cache.put(
                    (key, vector)
                    for photo, result in zip(batch, results, strict=True)
                    if not isinstance(result, Skipped)
                    for key, vector in zip(self._keys(photo), result, strict=True)
                    if key not in known
                )
                yield from results

    def _keys(self, photo: Photo) -> list[str]:
        return [f"{self.prefix} {'mirrored ' * view}{photo.sha256}" for view in self.views]

    def _read(self, photo: Photo, known: dict[str, bytes]) -> list[bytes] | Skipped:
        found = [known.get(key) for key in self._keys(photo)]
        if None not in found:
            return [vector for vector in found if vector is not None]
        try:
            content = photo.path.read_bytes()
            return [self.extract(content, mirrored=view).tobytes() for view in self.views]
        except (PhotoError, OSError) as error:
            return Skipped(photo.path, str(error))
