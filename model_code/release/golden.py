"""Golden photos: what each must become, replayed wherever the code or the machine changes."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from model_code.features import Extract, PhotoError, load_extractor, select
from model_code.release.document import Golden, Release


def feature_mismatches(folder: Path, release: Release) -> Iterator[str]:
    """Replay the features of each golden photo with the code at hand; yield what differs."""
    extract = load_extractor(release.extractor.name, folder)
    for golden in release.golden:
        photo = _read(folder, golden)
        if photo is None:
            yield (
                f"golden photo {golden.photo} is missing or is not the one of the training. "
                "Restore the folder, or train again."
            )
            continue
        apart = _features_apart(extract, photo, golden, release)
        if apart is None or not apart <= release.tolerance.features:  # NaN is a difference too
            yield (
                f"golden photo {golden.photo} ({golden.brand}) no longer becomes the features "
                f"that the model was trained on (apart by {apart}, allowed "
                f"{release.tolerance.features}): the extractor or Pillow changed. Give the "
                "extractor a new version and train again."
            )


def answer_mismatch(golden: Golden, release: Release, answer: Sequence[float]) -> str | None:
    """Compare probabilities in class order with the recorded ones; None where they agree."""
    apart = _apart(answer, golden.probabilities)
    if apart is not None and apart <= release.tolerance.probabilities:
        return None
    return (
        f"{golden.photo} ({golden.brand}): the probabilities are apart by {apart}, allowed "
        f"{release.tolerance.probabilities}"
    )


def _read(folder: Path, golden: Golden) -> bytes | None:
    path = folder / golden.photo
    try:
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            return None
        photo = path.read_bytes()
    except (OSError, ValueError, RuntimeError):  # unreadable, no possible name, a loop of links
        return None
    return photo if hashlib.sha256(photo).hexdigest() == golden.sha256 else None


def _features_apart(
    extract: Extract, photo: bytes, golden: Golden, release: Release
) -> float | None:
    try:
        return _apart(select(extract(photo), release.selection), golden.features)
    except PhotoError:
        return None


def _apart(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return the largest difference of two vectors, None where their lengths differ."""
    if len(one) != len(other):
        return None
    differences = [abs(a - b) for a, b in zip(one, other, strict=True)]
    if any(map(math.isnan, differences)):  # `max` would pass over a NaN that is not the first
        return math.nan
    return max(differences, default=0.0)
