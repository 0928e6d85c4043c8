"""Which photos belong together, so that no split of them may part them."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from model_code.curation.duplicates import near_duplicates
from model_code.curation.measures import measure
from model_code.dataset import MIN_PHOTOS, Dataset
from model_code.errors import UserError
from model_code.extraction import extract
from model_code.split import Groups, units_of_brands


def group_photos(dataset: Dataset) -> Groups:
    """Return the group of each photo: its near-copies, and those of its post.

    The same for every recipe, so that their scores are about the same split.

    Raises
    ------
    UserError
        A brand is left with too few groups to learn from and to be tested on.
    """
    vectors = extract(dataset, "embedding", mirrored=False).raw
    pairs = near_duplicates(measure(dataset.photos), vectors).rows
    groups = together(len(dataset.photos), np.concatenate([pairs, _same_post(dataset)]))
    _check_counts(dataset, groups)
    return groups


def together(photos: int, pairs: npt.NDArray[np.intp]) -> Groups:
    """Return the groups that `pairs` of rows join, numbered in the order of their first photo."""
    ones = np.ones(len(pairs), np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(photos, photos))
    _, groups = connected_components(graph, directed=False)
    return np.asarray(groups, np.intp)


def _same_post(dataset: Dataset) -> npt.NDArray[np.intp]:
    """Return pairs of each post's first photo and its others."""
    first: dict[tuple[str, str], int] = {}
    pairs = [
        (first.setdefault(post, row), row)
        for row, photo in enumerate(dataset.photos)
        if (post := dataset.posts.get(photo.sha256))
    ]
    return np.array(pairs, np.intp).reshape(-1, 2)


def _check_counts(dataset: Dataset, groups: Groups) -> None:
    counts = units_of_brands(np.asarray(dataset.labels), groups)
    short = [
        f"{brand.id} ({count})"
        for brand, count in zip(dataset.brands, counts, strict=True)
        if count < MIN_PHOTOS
    ]
    if short:
        raise UserError(
            f"A brand needs {MIN_PHOTOS} photos that are not near-copies of each other or of one "
            f"post; too few: {', '.join(short)}. Add photos, or take the folder away. "
            "`python -m model_code curate` shows the copies."
        )
