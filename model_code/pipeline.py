"""The steps of a training, from photos to a release; `train` is all of them in one."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from model_code.calibration import calibrate_all, choose_confidence, likeness_of_all, validate
from model_code.curation.groups import group_photos
from model_code.dataset import Dataset, file_sha256
from model_code.errors import UserError
from model_code.evaluation import evaluate
from model_code.extraction import extract
from model_code.features import Confidence
from model_code.recipe import Recipe
from model_code.release import CONTAINER_VERSION, DOCUMENT, ReleaseError, read_release
from model_code.report import write_report
from model_code.selection import mutual_information, select_best
from model_code.split import Groups, hold_out_groups
from model_code.sweep import SweepPoint, sweep
from model_code.training import (
    Examples,
    Model,
    booster_bytes,
    check_xgboost,
    fit_selected,
    load_booster,
)
from model_code.work import Extracted, Work
from model_code.writing import Trained, write_release

TEST_SHARE = 0.25


def extract_step(work: Work, dataset: Dataset, recipe: Recipe, seed: int) -> Dataset:
    """Read the photos and hold some out, stratified by brand; no photo is in both parts."""
    usable, raw, mirrored = extract(dataset, recipe.extractor, recipe.mirrored)
    groups = group_photos(usable)
    examples = Examples(raw, mirrored, np.asarray(usable.labels), groups)
    test = hold_out(usable, seed, groups)
    work.write_extracted(Extracted(usable, examples, test, seed, recipe))
    return usable


def hold_out(dataset: Dataset, seed: int, groups: Groups | None = None) -> list[int]:
    """Return the sorted rows of the photos to test on; a group is not parted.

    Disjoint from the rest by content too, since `scan` keeps one of each file. The split of
    the 2019 notebook had one photo in both sets.
    """
    if groups is None:
        groups = np.arange(len(dataset.photos))
    rows = hold_out_groups(np.asarray(dataset.labels), groups, TEST_SHARE, seed)
    return [int(row) for row in rows]


def select_step(work: Work) -> int:
    """Score the values on the training photos, and keep the recipe's k best; return how many."""
    data = work.read_extracted()
    learned = data.examples.rows(data.train)
    scores = mutual_information(learned.raw, learned.labels, data.seed)
    chosen = select_best(scores, data.recipe.k)
    work.write_json("select", {"scores": scores.tolist(), "selection": chosen.tolist()})
    return len(chosen)


def fit_step(work: Work) -> Recipe:
    """Train the booster on the selected values, by the recipe that is returned."""
    check_xgboost()
    data = work.read_extracted()
    model = fit_selected(data.examples.rows(data.train), _selection(work), data.recipe, data.seed)
    work.write("fit", booster_bytes(model.booster))
    return data.recipe


def calibrate_step(work: Work) -> Confidence:
    """Choose what makes an answer confident, on the training photos, each held out in turn."""
    data = work.read_extracted()
    learned = data.examples.rows(data.train)
    validation = validate(learned, data.recipe, data.seed)
    confidence = choose_confidence(validation, learned, _selection(work))
    work.write_json("calibrate", confidence._asdict())
    return confidence


def evaluate_step(work: Work) -> dict[str, Any]:
    """Measure both sets."""
    data = work.read_extracted()
    answers = _answers(work, data)
    metrics = {
        part: evaluate(
            data.dataset.brands,
            data.examples.labels[rows],
            answers.probabilities[rows],
            answers.confident[rows],
        )
        for part, rows in (("train", data.train), ("test", data.test))
    }
    work.write_json("evaluate", metrics)
    return metrics


def sweep_step(work: Work) -> list[SweepPoint]:
    """Train for a range of k, with the scores of `select_step`."""
    data = work.read_extracted()
    train, test = (data.examples.rows(rows) for rows in (data.train, data.test))
    scores = np.asarray(work.read_json("select")["scores"])
    points = sweep(train, test, scores, data.recipe, data.seed)
    work.write_json("sweep", points)
    return points


def release_step(work: Work, releases: Path) -> Path:
    """Write the release of what the steps before left."""
    data = work.read_extracted()
    _check_unchanged(data.dataset)
    points = [SweepPoint(*point) for point in work.read_json("sweep")]
    trained = Trained(
        dataset=data.dataset,
        raw=data.examples.raw,
        test=data.test,
        selection=work.read_json("select")["selection"],
        booster=work.read("fit"),
        confidence=_confidence(work),
        probabilities=_answers(work, data).probabilities,
        metrics=work.read_json("evaluate"),
        recipe=data.recipe,
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
        if (training.photos_sha256, training.recipe, training.seed) == (
            dataset.sha256,
            recipe.model_dump(),
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


class _Answers(NamedTuple):
    """What the model says of all photos, as the API would."""

    probabilities: npt.NDArray[np.float64]  # calibrated, (photos, classes)
    confident: npt.NDArray[np.bool_]  # (photos,)


def _answers(work: Work, data: Extracted) -> _Answers:
    model = Model(_selection(work), load_booster(work.read("fit")))
    confidence = _confidence(work)
    scores = calibrate_all(model.probabilities(data.examples.raw), confidence.temperature)
    likeness = likeness_of_all(data.examples.raw[:, model.selection], confidence.means)
    sure = scores.max(axis=1) >= confidence.min_probability
    return _Answers(scores, sure & (likeness >= confidence.min_likeness))


def _selection(work: Work) -> npt.NDArray[np.intp]:
    return np.asarray(work.read_json("select")["selection"])


def _confidence(work: Work) -> Confidence:
    return Confidence(**work.read_json("calibrate"))
