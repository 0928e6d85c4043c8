"""What must hold of a release folder, or it would answer wrongly. Synth runs this first.

The container itself would not object: a row that is too short is scored without an error, a
second file in the archive is averaged in, a booster of a newer XGBoost loses its base scores.
"""

import hashlib
import math
from collections.abc import Iterator
from pathlib import Path

from model_code.features import EXTRACTORS
from model_code.release.archive import unpack
from model_code.release.booster import BoosterFacts, read_booster
from model_code.release.document import (
    CONTAINER_XGBOOST,
    DOCUMENT,
    MODEL_ARCHIVE,
    Release,
    ReleaseError,
)
from model_code.release.golden import feature_mismatches

RETRAIN = "Train again: python -m model_code train"


def read_release(folder: Path) -> Release:
    """Read and verify the release in `folder`, its golden photos' features included.

    Raises
    ------
    ReleaseError
        Each clause of the contract that does not hold, with how to mend it.
    """
    release = _read_document(folder)
    booster = unpack(folder / MODEL_ARCHIVE)
    facts = read_booster(booster)
    faults = [
        *_model_faults(release, facts, booster),
        *_selection_faults(release),
        *_extractor_faults(folder, release),
        *_confidence_faults(release),
        *_golden_faults(release),
    ]
    # A replay through the wrong extractor or selection would only repeat what is wrong above.
    faults = faults or list(feature_mismatches(folder, release))
    if faults:
        raise ReleaseError(f"Release {release.id} would answer wrongly:\n- " + "\n- ".join(faults))
    return release


def _read_document(folder: Path) -> Release:
    path = folder / DOCUMENT
    try:
        if not path.is_file():  # nor wait for a pipe
            raise FileNotFoundError(path)
        return Release.from_json(path.read_bytes())
    except OSError as error:
        raise ReleaseError(
            f"There is no release in {folder}: {DOCUMENT} cannot be read. {RETRAIN} PHOTOS, or "
            "name another folder."
        ) from error
    except ReleaseError as error:
        raise ReleaseError(f"{path}: {error} {RETRAIN}.") from error


def _model_faults(release: Release, facts: BoosterFacts, booster: bytes) -> Iterator[str]:
    claimed = release.model
    if hashlib.sha256(booster).hexdigest() != claimed.sha256:
        yield (
            f"the digest of the booster in {MODEL_ARCHIVE} is not the one in {DOCUMENT}: one of "
            f"the two is from another training. {RETRAIN}."
        )
    if facts.num_feature != len(release.selection) or claimed.num_feature != facts.num_feature:
        yield (
            f"the booster takes {facts.num_feature} features and the selection has "
            f"{len(release.selection)}: rows would be cut or padded. {RETRAIN}."
        )
    if facts.num_class != len(release.brands) or claimed.num_class != facts.num_class:
        yield (
            f"the booster tells {facts.num_class} classes apart and the release names "
            f"{len(release.brands)} brands. {RETRAIN} on these brands' folders."
        )
    if facts.objective != "multi:softprob" or claimed.objective != facts.objective:
        yield (
            f"the booster's objective is {facts.objective}, which does not give a probability a "
            "brand. Train with multi:softprob."
        )
    yield from _version_faults(claimed.container_version, facts.version)


def _version_faults(container: str, version: tuple[int, ...]) -> Iterator[str]:
    served = CONTAINER_XGBOOST.get(container)
    if served is None:
        yield (
            f"nothing is known of container {container}. Use one of: "
            f"{', '.join(sorted(CONTAINER_XGBOOST))}."
        )
    elif version > served:
        yield (
            f"the booster is from XGBoost {_dotted(version)} and container {container} has "
            f"{_dotted(served)}, which would load it without its base scores. Train with "
            f"XGBoost {_dotted(served)}."
        )


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _selection_faults(release: Release) -> Iterator[str]:
    selection, raw_length = release.selection, release.extractor.raw_length
    outside = [index for index in selection if not 0 <= index < raw_length]
    if outside:
        yield (
            f"the selection names value {outside[0]} of a raw vector of {raw_length}. {RETRAIN}."
        )
    if list(selection) != sorted(set(selection)):
        yield f"the selection is not sorted, or names a value twice. {RETRAIN}."


def _confidence_faults(release: Release) -> Iterator[str]:
    shape = [len(mean) for mean in release.confidence.means]
    if shape != [len(release.selection)] * len(release.brands):
        yield f"it does not have the mean features of each of its brands. {RETRAIN}."


def _extractor_faults(folder: Path, release: Release) -> Iterator[str]:
    wanted = release.extractor
    shipped = EXTRACTORS.get(wanted.name)
    if shipped is None or (shipped.version, shipped.raw_length) != (
        wanted.version,
        wanted.raw_length,
    ):
        have = ", ".join(f"{name} {known.version}" for name, known in EXTRACTORS.items())
        yield (
            f"it was trained with extractor {wanted.name} {wanted.version} of {wanted.raw_length} "
            f"values, and this code ships: {have}. {RETRAIN}, or deploy it from the commit that "
            "trained it."
        )
    elif shipped.weights and _sha256(folder / shipped.weights) != wanted.weights_sha256:
        yield (
            f"{shipped.weights}, the extractor's weights, is missing or is not the file that it "
            f"was trained with. {RETRAIN}."
        )


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _golden_faults(release: Release) -> Iterator[str]:
    """Without golden photos, or with any answer recorded for them, a replay would prove nothing."""
    brands = [brand.id for brand in release.brands]
    if [golden.brand for golden in release.golden] != brands:
        yield f"it does not have one golden photo for each of its brands, in order. {RETRAIN}."
    for golden in release.golden:
        answer = golden.probabilities
        if len(answer) != len(brands) or not math.isclose(sum(answer), 1, abs_tol=1e-3):
            yield f"golden photo {golden.photo} has no probability for each brand. {RETRAIN}."
