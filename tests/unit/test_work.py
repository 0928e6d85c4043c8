"""The work folder: what is not as a step left it is told, and not trained on."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from model_code.__main__ import main


@pytest.fixture(scope="module")
def whole(photo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("work")
    assert main(["extract", str(photo_folder), "--work", str(work)]) == 0
    for step in ("select", "fit"):
        assert main([step, "--work", str(work)]) == 0
    return work


@pytest.fixture
def work(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "work"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-8])


def empty_object(path: Path) -> None:
    path.write_text("{}")


def nested(path: Path) -> None:
    path.write_text("[" * 100_000)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [cut, empty_object, nested, folder])
@pytest.mark.parametrize("name", ["dataset.json", "raw.npy", "selection.json", "booster.json"])
def test_a_damaged_file_is_named_with_the_way_out(
    name: str, damage: Callable[[Path], None], work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(work / name)
    assert main(["evaluate", "--work", str(work)]) == 1
    assert capsys.readouterr().err == (
        f"error: {work / name} is damaged. Delete it and run again from: "
        f"python -m model_code extract PHOTOS --work {work}\n"
    )


@pytest.mark.parametrize("name", ["raw.npy", "raw.npy.sha256", "dataset.json.sha256"])
def test_a_file_that_is_gone_is_damage_too(
    name: str, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (work / name).unlink()
    assert main(["evaluate", "--work", str(work)]) == 1
    assert f"{work / name.removesuffix('.sha256')} is damaged" in capsys.readouterr().err
