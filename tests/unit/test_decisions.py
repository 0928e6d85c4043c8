"""What a person decided: followed by content, refused where it is wrong, told where it is void."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from model_code.__main__ import main
from model_code.dataset import file_sha256, scan
from model_code.decisions import FILE, Decision, Decisions, read_decisions, store_decisions
from model_code.errors import UserError
from tests.conftest import BRANDS, PHOTOS

ALL = len(BRANDS) * PHOTOS


@pytest.fixture
def photos(photo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(photo_folder, tmp_path / "photos"))


def decide(photos: Path, name: str, decision: Any, brand: str | None = None) -> None:
    """Decide about one photo, and about no other."""
    one = Decision(
        sha256=file_sha256(photos / name), decision=decision, brand=brand, photo=name, reason="why"
    )
    store_decisions(photos, Decisions(decisions=(one,)))


def brand_of(photos: Path, name: str) -> str | None:
    digest = file_sha256(photos / name)
    return next((photo.brand for photo in scan(photos).photos if photo.sha256 == digest), None)


def test_a_dropped_photo_is_left_out_with_the_reason_told(photos: Path) -> None:
    before = scan(photos)
    decide(photos, "nene/3.png", "drop")
    dataset = scan(photos)
    assert len(dataset.photos) == ALL - 1
    assert dataset.skipped == ((photos / "nene/3.png", "dropped in curation.json: why"),)
    assert dataset.sha256 != before.sha256


def test_a_moved_photo_counts_for_the_other_brand(photos: Path) -> None:
    before = scan(photos)
    decide(photos, "nene/3.png", "move", "BBQ")
    assert brand_of(photos, "nene/3.png") == "BBQ"
    assert len(scan(photos).photos) == ALL
    assert scan(photos).sha256 != before.sha256


def test_a_kept_photo_changes_nothing(photos: Path) -> None:
    before = scan(photos)
    decide(photos, "nene/3.png", "keep")
    assert scan(photos) == before


def test_a_decision_follows_its_photo_to_another_name(photos: Path) -> None:
    decide(photos, "nene/3.png", "drop")
    (photos / "nene/3.png").rename(photos / "BBQ/renamed.jpeg")
    dataset = scan(photos)
    assert [fault.path.name for fault in dataset.skipped] == ["renamed.jpeg"]
    assert dataset.notes == ()


def test_a_decision_about_what_is_gone_or_changed_is_told_and_ignored(photos: Path) -> None:
    decide(photos, "nene/3.png", "drop")
    Image.new("RGB", (50, 50), "blue").save(photos / "nene/3.png")
    changed = scan(photos)
    assert len(changed.photos) == ALL
    assert changed.notes == ("the decision to drop nene/3.png is ignored: its content changed",)
    (photos / "nene/3.png").unlink()
    assert scan(photos).notes == ("the decision to drop nene/3.png is ignored: it is gone",)


def test_a_file_under_two_brands_is_used_once_its_brand_is_chosen(photos: Path) -> None:
    shutil.copy(photos / "nene/0.png", photos / "BBQ/copy.png")
    assert brand_of(photos, "nene/0.png") is None
    decide(photos, "nene/0.png", "move", "nene")
    assert brand_of(photos, "nene/0.png") == "nene"
    assert len(scan(photos).photos) == ALL


def test_too_few_photos_after_curation_are_refused_with_the_reasons(photos: Path) -> None:
    digests = [file_sha256(path) for path in sorted((photos / "nene").iterdir())[:5]]
    dropped = tuple(Decision(sha256=digest, decision="drop") for digest in digests)
    store_decisions(photos, Decisions(decisions=dropped))
    with pytest.raises(UserError, match=r"nene \(7\)(.|\n)*dropped in curation\.json"):
        scan(photos)


GOOD = {"sha256": "0" * 64, "decision": "drop"}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "EOF"),
        (b"\xff\xfe", "holds no decisions"),
        (b"[]", "object"),
        (b"[" * 100_000, "holds no decisions"),
        ({}, "decisions: Field required"),
        ({"format": 2, "decisions": []}, "format"),
        ({"decisions": [GOOD, GOOD]}, "two decisions about one photo"),
        ({"decisions": [{**GOOD, "decision": "delete"}]}, "decisions.0.decision"),
        ({"decisions": [{**GOOD, "sha256": "../../x"}]}, "decisions.0.sha256"),
        ({"decisions": [{**GOOD, "decision": "move"}]}, "a move needs a brand"),
        ({"decisions": [{**GOOD, "brand": "nene"}]}, "a move needs a brand"),
        ({"decisions": [{**GOOD, "shell": "rm"}]}, "decisions.0.shell"),
        ({"decisions": [{**GOOD, "decision": "move", "brand": "Nene"}]}, "Nene, which has no fold"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_file_is_refused_and_what_was_decided_stays(
    photos: Path, document: Any, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    decide(photos, "nene/3.png", "drop")
    before = (photos / FILE).read_bytes()
    path = photos.parent / "decisions.json"
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    path.write_bytes(content)
    assert main(["curate", str(photos), "--apply", str(path)]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"error: {path}")
    assert message in error
    assert (photos / FILE).read_bytes() == before
    (photos / FILE).write_bytes(content)  # edited by hand
    with pytest.raises(UserError, match=r"curation\.json"):
        scan(photos)


def test_a_missing_file_is_refused(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["curate", str(photos), "--apply", "nowhere.json"]) == 1
    assert "nowhere.json cannot be read: No such file" in capsys.readouterr().err
    (photos / FILE).symlink_to("nowhere.json")
    with pytest.raises(UserError, match="cannot be read"):
        scan(photos)


def test_what_is_applied_is_told_and_can_be_read_again(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = Decision(sha256=file_sha256(photos / "교촌/1.png"), decision="move", brand="nene")
    gone = Decision(sha256="0" * 64, decision="drop", photo="nene/gone.jpg", reason="한국어")
    path = photos.parent / "decisions.json"
    decisions = Decisions(decisions=(one, gone))
    path.write_text(json.dumps(decisions.document()))
    assert main(["curate", str(photos), "--apply", str(path)]) == 0
    told = capsys.readouterr()
    assert "1 to drop, 1 to move, 0 to keep" in told.out
    assert "the decision to drop nene/gone.jpg is ignored: it is gone" in told.err
    assert read_decisions(photos / FILE) == decisions
    assert main(["extract", str(photos), "--work", "work", "--recipe", "pixels"]) == 0
    assert "note      the decision to drop nene/gone.jpg is ignored" in capsys.readouterr().err
