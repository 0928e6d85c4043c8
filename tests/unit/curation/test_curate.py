"""`curate` over a folder: what it proposes, what it leaves alone, and that training follows."""

import csv
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFilter

from model_code.__main__ import main
from model_code.dataset import file_sha256
from model_code.decisions import FILE, read_decisions
from model_code.work import Work
from tests.unit.curation.conftest import BRANDS, PHOTOS, dish
from tests.unit.curation.test_pixel_finders import text_card

Curate = Callable[..., dict[str, Any]]


@pytest.fixture
def curate(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Curate:
    """Run it; return the proposals by photo."""
    monkeypatch.chdir(tmp_path)

    def run() -> dict[str, Any]:
        assert main(["curate", str(photos)]) == 0
        proposals = json.loads((tmp_path / "build/curation/proposals.json").read_text("utf-8"))
        return {proposal["photo"]: proposal for proposal in proposals}

    return run


def finders(proposal: dict[str, Any]) -> set[str]:
    return {finding["finder"] for finding in proposal["findings"]}


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def plant(photos: Path) -> None:
    with Image.open(photos / "BBQ/00.jpg") as image:
        image.crop((20, 10, 300, 300)).resize((200, 210)).save(photos / "BBQ/copy.jpg", quality=60)
        image.resize((200, 200)).save(photos / "nene/elsewhere.jpg", quality=60)
    soft = dish("BBQ", 50).filter(ImageFilter.GaussianBlur(9))
    soft.save(photos / "BBQ/soft.png")
    dish("nene", 250).resize((60, 60)).save(photos / "nene/tiny.png")
    text_card().save(photos / "kyochon/card.png")
    (photos / "kyochon/broken.jpg").write_bytes(b"\xff\xd8\xff broken")


def test_each_planted_fault_is_proposed_with_score_and_reason(
    photos: Path, curate: Curate, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(photos)
    before = files(photos)
    found = curate()
    assert files(photos) == before  # nothing is deleted, changed or added
    assert "duplicate" in finders(found["BBQ/copy.jpg"])
    assert "duplicate" in finders(found["nene/elsewhere.jpg"])
    assert "small" in finders(found["nene/tiny.png"])
    assert "card" in finders(found["kyochon/card.png"])
    assert "blurred" in finders(found["BBQ/soft.png"])
    assert found["kyochon/card.png"]["suggestion"] == "drop"
    for proposal in found.values():
        assert proposal["score"] == max(finding["score"] for finding in proposal["findings"])
        for finding in proposal["findings"]:
            assert 0.5 <= finding["score"] <= 1
            assert finding["reason"]
    scores = [proposal["score"] for proposal in found.values()]
    assert scores == sorted(scores, reverse=True)
    told = capsys.readouterr()
    assert "broken.jpg: The photo is damaged" in told.err
    assert f"of {len(BRANDS) * PHOTOS + 5} photos are proposed" in told.out


def test_the_table_says_the_same_and_the_same_photos_give_the_same(
    photos: Path, curate: Curate, tmp_path: Path
) -> None:
    plant(photos)
    found = curate()
    with (tmp_path / "build/curation/proposals.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["photo"] for row in rows} == set(found)
    assert len(rows) == sum(len(proposal["findings"]) for proposal in found.values())
    first = files(tmp_path / "build/curation")
    curate()
    assert files(tmp_path / "build/curation") == first


def test_clean_drawings_are_left_in_peace(curate: Curate) -> None:
    assert len(curate()) <= 0.1 * len(BRANDS) * PHOTOS


def test_suggestions_are_followed_by_training_without_a_person(
    photos: Path, curate: Curate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(photos)
    found = curate()
    suggestions = tmp_path / "build/curation/suggestions.json"
    assert main(["curate", str(photos), "--apply", str(suggestions)]) == 0
    dropped = {name for name, proposal in found.items() if proposal["suggestion"] == "drop"}
    assert {"BBQ/copy.jpg", "kyochon/card.png", "nene/tiny.png"} <= dropped
    capsys.readouterr()
    assert main(["extract", str(photos), "--work", "work"]) == 0
    told = capsys.readouterr().err
    for name in dropped:
        assert f"left out  {photos / name}: dropped in curation.json: " in told
    used = {
        f"{photo.path.parent.name}/{photo.path.name}"
        for photo in Work(Path("work")).read_extracted().dataset.photos
    }
    assert not used & dropped


def test_one_file_under_two_brands_is_asked_about_once(photos: Path, curate: Curate) -> None:
    shutil.copy(photos / "nene/00.jpg", photos / "BBQ/same.jpg")
    found = curate()
    (proposal,) = (p for p in found.values() if p["sha256"] == file_sha256(photos / "nene/00.jpg"))
    assert "the same file lies under BBQ, nene" in str(proposal["findings"])
    assert (proposal["suggestion"], proposal["brand"]) == ("move", "nene")


def test_earlier_decisions_stay_in_the_suggestions_and_on_the_sheet(
    photos: Path, curate: Curate, tmp_path: Path
) -> None:
    plant(photos)
    kept = {"sha256": file_sha256(photos / "kyochon/card.png"), "decision": "keep"}
    (photos / FILE).write_text(json.dumps({"format": 1, "decisions": [kept]}))
    assert "kyochon/card.png" in curate()
    suggested = read_decisions(tmp_path / "build/curation/suggestions.json").by_digest()
    assert suggested[kept["sha256"]].decision == "keep"
    assert kept["sha256"] in (tmp_path / "build/curation/sheet.html").read_text("utf-8")


def test_brands_of_few_photos_are_looked_at_without_models(photos: Path, curate: Curate) -> None:
    for brand in BRANDS:
        for path in sorted((photos / brand).iterdir())[8:]:
            path.unlink()
    with Image.open(photos / "nene/00.jpg") as image:
        for number in range(1, 7):  # all but two are one photo
            image.resize((300 - number, 300)).save(photos / f"nene/{number:02}.jpg", quality=80)
    found = curate()
    assert sum("duplicate" in finders(proposal) for proposal in found.values()) == 6
    assert not any("doubted" in finders(proposal) for proposal in found.values())


def test_a_name_that_is_not_text_and_one_that_is_html_stop_nothing(
    photos: Path, curate: Curate, tmp_path: Path
) -> None:
    text_card().save(photos / "BBQ/<script>alert(1)<!--.png")
    try:
        text_card("black").save(photos / "BBQ" / os.fsdecode(b"bad \xff.png"))
    except OSError:
        pytest.skip("this file system refuses such names itself")
    assert {"BBQ/<script>alert(1)<!--.png", "BBQ/bad \\xff.png"} <= set(curate())
    page = (tmp_path / "build/curation/sheet.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert page.count("</script>") == 2


@pytest.mark.parametrize("arguments", [["nowhere"], ["."], ["photos/BBQ"]])
def test_a_folder_without_brands_is_refused(
    curate: Curate, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["curate", *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "FOLDER/<brand>/<photo>" in error
