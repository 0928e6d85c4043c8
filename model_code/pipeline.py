"""The steps of a training, from photos to a release; `train` is all of them in one."""

from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split

from model_code.dataset import Dataset, file_sha256
from model_code.errors import UserError
from model_code.evaluation import evaluate
from model_code.extraction import extract
from model_code.release import CONTAINER_VERSION, DOCUMENT, ReleaseError, read_release
from model_code.report import write_report
from model_code.selection import mutual_information, select_best
from model_code.sweep import Part, SweepPoint, sweep
from model_code.training import (
    Features,
    Recipe,
    booster_bytes,
    check_xgboost,
    fit,
    load_booster,
    probabilities,
)
from model_code.work import Extracted, Work
from model_code.writing import Trained, write_release

TEST_SHARE = 0.25


def extract_step(work: Work, dataset: Dataset, recipe: Recipe, seed: int) -> Dataset:
    """Read the photos and hold some out, stratified by brand; no photo is in both parts."""
    usable, raw = extract(dataset, recipe.extractor)
    work.write_extracted(Extracted(usable, raw, hold_out(usable, seed), seed))
    return usable


def hold_out(dataset: Dataset, seed: int) -> list[int]:
    """Return the sorted rows of the photos to test on.

    Disjoint from the rest by content too, since `scan` keeps one of each file. The split of
    the 2019 notebook had one photo in both sets.
    """
    rows = range(len(dataset.photos))
    _, test = train_test_split(
        rows, test_size=TEST_SHARE, stratify=dataset.labels, random_state=seed
    )
    return sorted(test)


def select_step(work: Work, recipe: Recipe) -> None:
    """Score the values on the training photos, and keep the recipe's k best."""
    data = work.read_extracted()
    scores = mutual_information(data.raw[data.train], data.labels(data.train), data.seed)
    chosen = select_best(scores, recipe.k)
    work.write_json("select", {"scores": scores.tolist(), "selection": chosen.tolist()})


def fit_step(work: Work, recipe: Recipe) -> None:
    """Train the booster on the selected values."""
    check_xgboost()
    data = work.read_extracted()
    booster = fit(_selected(work, data)[data.train], data.labels(data.train), recipe, data.seed)
    work.write("fit", booster_bytes(booster))


def evaluate_step(work: Work) -> dict[str, float]:
    """Measure both sets; return the micro F1 of each."""
    data = work.read_extracted()
    scores = _probabilities(work, data)
    metrics = {
        part: evaluate(data.dataset.brands, data.labels(rows), scores[rows])
        for part, rows in (("train", data.train), ("test", data.test))
    }
    work.write_json("evaluate", metrics)
    return {part: metrics[part]["micro_f1"] for part in metrics}


def sweep_step(work: Work, recipe: Recipe) -> list[SweepPoint]:
    """Train for a range of k, with the scores of `select_step`."""
    data = work.read_extracted()
    train, test = (Part(data.raw[rows], data.labels(rows)) for rows in (data.train, data.test))
    scores = np.asarray(work.read_json("select")["scores"])
    points = sweep(train, test, scores, recipe, data.seed)
    work.write_json("sweep", points)
    return points


def release_step(work: Work, recipe: Recipe, releases: Path) -> Path:
    """Write the release of what the steps before left."""
    data = work.read_extracted()
    _check_unchanged(data.dataset)
    points = [SweepPoint(*point) for point in work.read_json("sweep")]
    trained = Trained(
        dataset=data.dataset,
        raw=data.raw,
        test=data.test,
        selection=work.read_json("select")["selection"],
        booster=work.read("fit"),
        probabilities=_probabilities(work, data),
        metrics=work.read_json("evaluate"),
        recipe=recipe,
        seed=data.seed,
    )
    return write_release(
        trained,
        releases,
        lambda folder, release: write_report(folder, release, trained, points),
    )


def find_release(dataset: Dataset, recipe: Recipe, seed: int, releases: Path) -> Path | None:
    """Return the release that the same photos, recipe and seed made before, if there is one."""
    for path in sorted(releases.glob(f"[!.]*/{DOCUMENT}")):
        try:
            release = read_release(path.parent)
        except ReleaseError:
            continue  # for another version of this code, damaged, or not ours
        training = release.training
        if (training.photos_sha256, training.parameters, training.seed) == (
            dataset.sha256,
            recipe.parameters,
            seed,
        ) and release.model.container_version == CONTAINER_VERSION:
            return path.parent
    return None


def _check_unchanged(dataset: Dataset) -> None:
    """Refuse to show photos, or make them golden, that are not those of the training."""
    for photo in dataset.photos:
        if not photo.path.is_file() or file_sha256(photo.path) != photo.sha256:
            raise UserError(
                f"{photo.path} changed after it was read. Run again from: "
                "python -m model_code extract"
            )


def _selected(work: Work, data: Extracted) -> Features:
    return data.raw[:, work.read_json("select")["selection"]]


def _probabilities(work: Work, data: Extracted) -> Features:
    return probabilities(load_booster(work.read("fit")), _selected(work, data))
