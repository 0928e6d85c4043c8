"""Writing a release: whole or not at all, never over another, with golden photos that hold."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model_code import writing
from model_code.__main__ import main
from model_code.dataset import Dataset, Photo, scan
from model_code.features import Confidence
from model_code.pipeline import find_release
from model_code.recipe import RECIPES
from model_code.release import (
    DOCUMENT,
    MODEL_ARCHIVE,
    Brand,
    ReleaseError,
)
from model_code.writing import Trained

RECIPE = RECIPES["embedding"]


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def run_command(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def trained_work(photo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run every step but the last; return the work folder, to be read only."""
    work = tmp_path_factory.mktemp("work")
    assert run_command("extract", photo_folder, "--work", work) == 0
    for step in ("select", "fit", "calibrate", "evaluate", "sweep"):
        assert run_command(step, "--work", work) == 0
    return work


def test_latest_points_at_the_release_from_within_its_folder(release_folder: Path) -> None:
    link = release_folder.parent / "latest"
    assert link.readlink() == Path(release_folder.name)
    assert sorted(path.name for path in release_folder.parent.iterdir()) == sorted(
        ["latest", release_folder.name]
    )


def test_the_same_photos_elsewhere_and_renamed_give_the_same_bytes(
    photo_folder: Path,
    release_folder: Path,
    train_release: Callable[..., Path],
    tmp_path: Path,
) -> None:
    copy = tmp_path / "a copy"
    shutil.copytree(photo_folder, copy)
    for number, path in enumerate(sorted(copy.rglob("*.png"), reverse=True)):
        renamed = path.rename(path.with_name(f"{number}.JPEG"))
        os.utime(renamed, (0, 0))
    again = train_release(copy)
    assert contents(again) == contents(release_folder)


@pytest.fixture
def releases(release_folder: Path, tmp_path: Path) -> Path:
    """Copy the releases for one test to change."""
    return Path(shutil.copytree(release_folder.parent, tmp_path / "releases", symlinks=True))


def write(work: Path, releases: Path) -> int:
    return run_command("release", "--work", work, "--releases", releases)


def test_a_release_that_is_there_stays_as_it_is(trained_work: Path, releases: Path) -> None:
    mark = releases / "latest" / "report" / "mark"
    mark.write_text("written once")
    assert write(trained_work, releases) == 0
    assert mark.exists()


def test_a_release_that_was_damaged_is_refused(
    trained_work: Path, releases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (releases / "latest" / MODEL_ARCHIVE).write_bytes(b"")
    assert write(trained_work, releases) == 1
    assert "was damaged. Delete it and train again" in capsys.readouterr().err


def test_a_release_that_breaks_its_contract_never_gets_its_name(
    trained_work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise ReleaseError("it would answer wrongly")

    monkeypatch.setattr(writing, "read_release", refuse)
    assert write(trained_work, tmp_path / "releases") == 1
    assert not list((tmp_path / "releases").iterdir())


def test_what_stops_the_writing_leaves_nothing_behind(
    trained_work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_booster: bytes) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "pack", interrupt)
    assert write(trained_work, tmp_path / "releases") == 130
    assert not list((tmp_path / "releases").iterdir())


@pytest.mark.parametrize("change", ["removed", "replaced"])
def test_photos_that_changed_since_they_were_read_are_refused(
    change: str, photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = Path(shutil.copytree(photo_folder, tmp_path / "photos"))
    assert run_command("extract", photos, "--work", tmp_path) == 0
    photo = sorted(photos.glob("*/*.png"))[-1]
    photo.unlink()
    if change == "replaced":
        photo.write_text("another")
    (tmp_path / "sweep.json").write_text("[]")
    assert write(tmp_path, tmp_path / "releases") == 1
    error = capsys.readouterr().err
    assert f"{photo} changed after it was read. Run again from" in error


def trained_on(photos: list[Photo], probabilities: Sequence[Sequence[float]]) -> Trained:
    """Only what the choice of golden photos looks at; all photos are held out."""
    brands = tuple(Brand(id=brand, name=brand) for brand in "abc")
    return Trained(
        dataset=Dataset(brands, tuple(photos), (), ""),
        raw=np.zeros((len(photos), 2), dtype=np.float32),
        test=range(len(photos)),
        selection=[0, 1],
        booster=b"",
        confidence=Confidence(1, 0, 0, []),
        probabilities=np.array(probabilities, dtype=np.float64),
        metrics={},
        recipe=RECIPE,
        seed=0,
    )


@pytest.fixture
def photos(photo_folder: Path) -> list[Photo]:
    """Two photos of brand a, one of b, one of c."""
    paths = sorted((photo_folder / "BBQ").iterdir())
    return [Photo(brand, path, "") for brand, path in zip("aabc", paths, strict=False)]


@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [
        ([0.9, 0.1, 0.0], [0.8, 0.2, 0.0], 0),
        ([0.8, 0.2, 0.0], [0.9, 0.1, 0.0], 1),
        ([0.45, 0.55, 0.0], [0.4, 0.3, 0.3], 1),
        ([0.3, 0.7, 0.0], [0.1, 0.9, 0.0], 0),
        ([0.8, 0.2, 0.0], [0.8, 0.2, 0.0], 0),
    ],
    ids=["the surer", "the surer, too", "the right one, less sure", "none is right", "the first"],
)
def test_the_golden_photo_is_a_right_and_sure_one_where_there_is_one(
    photos: list[Photo], first: list[float], second: list[float], chosen: int
) -> None:
    goldens = writing._goldens(trained_on(photos, [first, second, [0, 1, 0], [0, 0, 1]]))
    assert goldens[0][1] == photos[chosen]


@pytest.mark.parametrize(("kind", "ending"), [("PNG", "png"), ("WEBP", "webp"), ("JPEG", "jpeg")])
def test_a_golden_photo_is_named_by_what_it_is(
    photos: list[Photo], tmp_path: Path, kind: str, ending: str
) -> None:
    """Replay posts it as what it is named, and the API takes only photos."""
    with Image.open(photos[0].path) as image:
        image.save(tmp_path / "photo.txt", kind)
    photos[0] = photos[0]._replace(path=tmp_path / "photo.txt")
    scores = [[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]]
    golden, _ = writing._goldens(trained_on(photos, scores))[0]
    assert golden.photo == f"golden/0.{ending}"


def test_there_is_no_pickle_in_it(release_folder: Path) -> None:
    kinds = {Path(name).suffix for name in contents(release_folder)}
    assert kinds == {".gz", ".json", ".onnx", ".png", ".html"}
    assert (release_folder / DOCUMENT).exists()


def test_another_seed_or_recipe_is_another_training(photo_folder: Path, releases: Path) -> None:
    dataset = scan(photo_folder)
    assert find_release(dataset, RECIPE, 0, releases)
    assert not find_release(dataset, RECIPE, 1, releases)
    assert not find_release(dataset, RECIPE.model_copy(update={"k": 300}), 0, releases)


def test_a_damaged_release_is_not_handed_out(photo_folder: Path, releases: Path) -> None:
    for photo in (releases / "latest" / "golden").iterdir():
        photo.unlink()
    assert not find_release(scan(photo_folder), RECIPE, 0, releases)


def test_folders_that_are_no_release_are_passed_over(photo_folder: Path, releases: Path) -> None:
    for name, text in (("0000", "{"), ("0001", "[]"), ("0002", '{"id": "x", "format": 0}')):
        (releases / name).mkdir()
        (releases / name / DOCUMENT).write_text(text)
    assert find_release(scan(photo_folder), RECIPE, 0, releases)
