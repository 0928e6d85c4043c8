"""Whether one photo is another one again: cut, resized or compressed anew."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from model_code.curation.measures import THUMB

LONGEST_CUT = 0.24  # of a side
# px a side at which two photos are compared, and how finely cuts are tried, in parts of a side
COARSE, FINE = (8, 0.08), (16, 0.04)
WORTH_A_LOOK = 0.8  # coarse correlation; copies have more than 0.9
CHUNK = 64  # pairs at once
CONTRAST = 4.0  # levels of deviation; below, a photo is a plain colour, and like any other

Grey = npt.NDArray[np.uint8]
Squares = npt.NDArray[np.float32]
Windows = npt.NDArray[np.float32]  # (cuts, px, THUMB): each shrinks what a cut leaves of a side


def match(thumbs: Grey, pairs: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
    """Return for each pair of rows of `thumbs` how well the one fits some cut of the other.

    Parameters
    ----------
    thumbs
        Grey squares, of shape (photos, THUMB, THUMB).
    pairs
        Rows, of shape (pairs, 2).

    Returns
    -------
    float32 array of shape (pairs,)
        The best correlation over all cuts of either photo, at most 1.
    """
    scores = _match(thumbs, pairs, _windows(*COARSE))
    alike = np.flatnonzero(scores > WORTH_A_LOOK)
    scores[alike] = _match(thumbs, pairs[alike], _windows(*FINE))
    return scores


def plain(thumbs: Grey) -> npt.NDArray[np.bool_]:
    """Tell which photos show so little that they cannot be told from each other."""
    plain: npt.NDArray[np.bool_] = thumbs.std(axis=(1, 2)) < CONTRAST
    return plain


def _match(thumbs: Grey, pairs: npt.NDArray[np.intp], windows: Windows) -> Squares:
    best = np.zeros(len(pairs), np.float32)
    for start in range(0, len(pairs), CHUNK):
        one, other = pairs[start : start + CHUNK].T
        best[start : start + CHUNK] = np.maximum(
            _best_cut(thumbs[one], thumbs[other], windows),
            _best_cut(thumbs[other], thumbs[one], windows),
        )
    return best


def _windows(side: int, step: float) -> Windows:
    cells = np.arange(THUMB)
    windows = []
    for first, last in _cuts(step):
        edges = np.linspace(first * THUMB, last * THUMB, side + 1)
        # How much of each cell of the thumb lies between two edges.
        overlap = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
        weights = np.clip(overlap, 0, None)
        windows.append(weights / weights.sum(axis=1, keepdims=True))
    return np.array(windows, np.float32)


def _cuts(step: float) -> Iterator[tuple[float, float]]:
    """Yield what may be left of a side, the whole of it first."""
    steps = round(LONGEST_CUT / step)
    for before in range(steps + 1):
        for after in range(steps + 1 - before):
            yield before * step, 1 - after * step


def _best_cut(wholes: Grey, parts: Grey, windows: Windows) -> Squares:
    """Correlate all cuts of each whole, rows and columns apart, with the part beside it."""
    shrink = windows[0]
    part = shrink @ parts.astype(np.float32) @ shrink.T
    part -= part.mean(axis=(1, 2), keepdims=True)
    rows = np.einsum("wmt,ptu->pwmu", windows, wholes.astype(np.float32), optimize=True)
    cuts = np.einsum("pwmu,vnu->pwvmn", rows, windows, optimize=True)
    products = np.einsum("pwvmn,pmn->pwv", cuts, part, optimize=True)
    pixels = part.shape[1] * part.shape[2]
    spread = np.einsum("pwvmn,pwvmn->pwv", cuts, cuts) - cuts.sum(axis=(3, 4)) ** 2 / pixels
    # A plain square has no spread to speak of, and matches nothing.
    floor = CONTRAST**2 * pixels / 4
    length = (
        np.sqrt(np.maximum(spread, floor))
        * np.sqrt(np.maximum((part**2).sum(axis=(1, 2)), floor))[:, None, None]
    )
    best: Squares = (products / length).max(axis=(1, 2))
    return best
