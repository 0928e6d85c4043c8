"""A trained model -> a release folder: deterministic, immutable, named by its content."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xgboost
from PIL import Image

from model_code.calibration import PRECISION
from model_code.dataset import Dataset, Photo, file_sha256
from model_code.errors import UserError
from model_code.features import EXTRACTORS, Confidence
from model_code.network import NETWORK
from model_code.recipe import Recipe
from model_code.release import (
    CONTAINER_VERSION,
    DOCUMENT,
    MODEL_ARCHIVE,
    ConfidenceFacts,
    ExtractorFacts,
    Golden,
    ModelFacts,
    Release,
    ReleaseError,
    Training,
    read_release,
)
from model_code.release.archive import pack
from model_code.release.booster import read_booster
from model_code.training import Features

LATEST = "latest"


class Trained(NamedTuple):
    """All that a release tells of one training."""

    dataset: Dataset
    raw: Features  # (photos, raw length)
    test: Sequence[int]  # rows of the photos that were held out
    selection: Sequence[int]
    booster: bytes
    confidence: Confidence
    probabilities: npt.NDArray[np.float64]  # calibrated, (photos, classes)
    metrics: dict[str, Any]
    recipe: Recipe
    seed: int


def write_release(
    trained: Trained, releases: Path, write_report: Callable[[Path, Release], None]
) -> Path:
    """Write `releases/<id>/`, point `releases/latest` at it, and return its path.

    The folder gets its name when it is whole and has passed its own contract, so that a
    release is never seen half written. One that is there already stays as it is.
    """
    releases.mkdir(parents=True, exist_ok=True)
    goldens = _goldens(trained)
    release = _document(trained, tuple(golden for golden, _ in goldens))
    folder = releases / release.id
    if folder.exists():
        _check_whole(folder)
    else:
        with tempfile.TemporaryDirectory(dir=releases, prefix=".writing-") as temporary:
            unfinished = Path(temporary) / release.id
            (unfinished / "golden").mkdir(parents=True)
            (unfinished / MODEL_ARCHIVE).write_bytes(pack(trained.booster))
            if weights := EXTRACTORS[trained.recipe.extractor].weights:
                shutil.copyfile(NETWORK / weights, unfinished / weights)
            for golden, photo in goldens:
                shutil.copyfile(photo.path, unfinished / golden.photo)
            (unfinished / DOCUMENT).write_text(release.to_json(), encoding="utf-8")
            read_release(unfinished)
            write_report(unfinished / "report", release)
            unfinished.rename(folder)
    point_latest(releases, release.id)
    return folder


def _check_whole(folder: Path) -> None:
    try:
        read_release(folder)
    except ReleaseError as error:
        raise UserError(f"{folder} was damaged. Delete it and train again.\n{error}") from error


def point_latest(releases: Path, release_id: str) -> None:
    """Make `releases/latest` mean this release, at no moment nothing."""
    link = releases / f".{LATEST}-{release_id}"
    link.unlink(missing_ok=True)
    link.symlink_to(release_id)
    link.replace(releases / LATEST)


def training_facts(dataset: Dataset, test: Sequence[int], recipe: Recipe, seed: int) -> Training:
    """Tell what a release is made from."""
    held_out = {dataset.photos[row] for row in test}
    photos = {brand.id: {"train": 0, "test": 0} for brand in dataset.brands}
    for photo in dataset.photos:
        photos[photo.brand]["test" if photo in held_out else "train"] += 1
    return Training(
        photos_sha256=dataset.sha256, photos=photos, recipe=recipe.model_dump(), seed=seed
    )


def _document(trained: Trained, goldens: tuple[Golden, ...]) -> Release:
    extractor = EXTRACTORS[trained.recipe.extractor]
    facts = read_booster(trained.booster)
    return Release(
        brands=trained.dataset.brands,
        extractor=ExtractorFacts(
            name=trained.recipe.extractor,
            version=extractor.version,
            raw_length=extractor.raw_length,
            weights_sha256=file_sha256(NETWORK / extractor.weights) if extractor.weights else None,
        ),
        selection=tuple(int(index) for index in trained.selection),
        model=ModelFacts(
            sha256=hashlib.sha256(trained.booster).hexdigest(),
            num_feature=facts.num_feature,
            num_class=facts.num_class,
            objective=facts.objective,
            xgboost_version=xgboost.__version__,
            container_version=CONTAINER_VERSION,
        ),
        confidence=ConfidenceFacts(precision=PRECISION, **trained.confidence._asdict()),
        training=training_facts(trained.dataset, trained.test, trained.recipe, trained.seed),
        metrics=trained.metrics,
        golden=goldens,
    )


def _goldens(trained: Trained) -> list[tuple[Golden, Photo]]:
    """Pick one held-out photo a brand: the one that the model is surest about, if it is right."""
    goldens = []
    for index, brand in enumerate(trained.dataset.brands):
        rows = [row for row in trained.test if trained.dataset.photos[row].brand == brand.id]
        row = max(rows, key=lambda row: _golden_rank(trained.probabilities[row], index))
        photo = trained.dataset.photos[row]
        features = trained.raw[row, np.asarray(trained.selection)]
        golden = Golden(
            brand=brand.id,
            photo=f"golden/{index}.{_format(photo)}",
            sha256=photo.sha256,
            features=tuple(features.tolist()),
            probabilities=tuple(trained.probabilities[row].tolist()),
        )
        goldens.append((golden, photo))
    return goldens


def _golden_rank(probabilities: npt.NDArray[np.float64], brand: int) -> tuple[bool, float]:
    """Order the photos of a brand: right answers above wrong ones, then by certainty."""
    return bool(probabilities.argmax() == brand), float(probabilities[brand])


def _format(photo: Photo) -> str:
    """Return what the photo is, whatever its name says: replay posts it as what it is named."""
    with Image.open(photo.path) as image:
        return str(image.format).lower()
