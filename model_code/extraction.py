"""A dataset -> its raw vectors, on all cores, holding no more than a few decoded photos."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from model_code.dataset import Dataset, Photo, Skipped
from model_code.features import EXTRACTORS, PhotoError, open_photo
from model_code.progress import track

Raw = npt.NDArray[np.float32]


def extract(dataset: Dataset, extractor: str) -> tuple[Dataset, Raw]:
    """Decode each photo once.

    Returns
    -------
    Dataset
        Without the photos that are unreadable or too small; each is told in `skipped`.
    float32 array of shape (photos, raw length)
        One raw vector a photo that is left, in the dataset's order.

    Raises
    ------
    UserError
        A brand has too few photos left.
    """
    vectors, faults = [], []
    results = track(_vectors(dataset, extractor), "Reading photos", len(dataset.photos))
    for vector in results:
        if isinstance(vector, Skipped):
            faults.append(vector)
        else:
            vectors.append(vector)
    return dataset.without(faults), np.stack(vectors)


def _vectors(dataset: Dataset, extractor: str) -> Iterator[Raw | Skipped]:
    compute = EXTRACTORS[extractor].extract

    def vector(photo: Photo) -> Raw | Skipped:
        try:
            raw = compute(open_photo(photo.path.read_bytes()))
        except (PhotoError, OSError) as error:
            return Skipped(photo.path, str(error))
        return np.frombuffer(raw, dtype=np.float32)

    # Threads: Pillow decodes and scales without the interpreter's lock.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(vector, dataset.photos)
