"""A release that would answer wrongly is refused, with what is wrong and how to mend it."""

import json
import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from model_code.release import Release, ReleaseError, answer_mismatch, read_release
from model_code.release.archive import MEMBER, pack, unpack

Edit = Callable[[Any], object]


@pytest.fixture
def folder(release_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(release_folder, tmp_path / "release")


def edit(folder: Path, change: Edit) -> None:
    """Change release.json and give it the id of its new content, as a bug would."""
    path = folder / "release.json"
    document = json.loads(path.read_text())
    del document["id"]
    change(document)
    path.write_text(Release.model_validate(document).to_json())


def edit_booster(folder: Path, change: Edit) -> None:
    """Change what the booster says of itself."""
    archive = folder / "model.tar.gz"
    booster = json.loads(unpack(archive))
    change(booster)
    archive.write_bytes(pack(json.dumps(booster).encode()))


def refusal(folder: Path) -> str:
    with pytest.raises(ReleaseError) as caught:
        read_release(folder)
    return str(caught.value)


def test_a_release_as_it_was_written_passes(folder: Path) -> None:
    assert read_release(folder).id


@pytest.mark.parametrize("names", [[], [MEMBER, "README.md"], ["folder"]])
def test_an_archive_of_more_or_fewer_than_one_file_is_refused(
    folder: Path, names: list[str]
) -> None:
    with tarfile.open(folder / "model.tar.gz", "w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.type = tarfile.DIRTYPE if name == "folder" else tarfile.REGTYPE
            tar.addfile(member)
    assert "exactly one file" in refusal(folder)
    assert "Pack the booster alone" in refusal(folder)


@pytest.mark.parametrize("name", ["sub/model.json", "../model.json", "/model.json", "other.json"])
def test_a_booster_in_another_place_is_refused(folder: Path, name: str) -> None:
    with tarfile.open(folder / "model.tar.gz", "w:gz") as tar:
        tar.addfile(tarfile.TarInfo(name))
    assert "exactly one file, model.json" in refusal(folder)


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08"])
def test_what_is_no_archive_is_refused(folder: Path, content: bytes) -> None:
    (folder / "model.tar.gz").write_bytes(content)
    assert "model.tar.gz" in refusal(folder)


def test_a_damaged_archive_is_refused(folder: Path) -> None:
    archive = folder / "model.tar.gz"
    whole = archive.read_bytes()
    for place in range(10, len(whole), len(whole) // 20):
        archive.write_bytes(whole[:place] + bytes(40) + whole[place + 40 :])
        refusal(folder)
    archive.write_bytes(whole[:-4])
    assert "cannot be read" in refusal(folder)


def test_what_is_no_file_is_refused_and_not_waited_for(folder: Path) -> None:
    (folder / "model.tar.gz").unlink()
    os.mkfifo(folder / "model.tar.gz")
    assert "is not a file" in refusal(folder)


def test_an_archive_that_unpacks_to_too_much_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model_code.release.archive.MAX_TAR_BYTES", 10)
    assert "more than 10 bytes" in refusal(folder)


@pytest.mark.parametrize("booster", [b"", b"binary \xff", b"[]", b'{"learner": {}}'])
def test_what_is_no_booster_is_refused(folder: Path, booster: bytes) -> None:
    (folder / "model.tar.gz").write_bytes(pack(booster))
    assert "not an XGBoost booster saved as JSON" in refusal(folder)


def test_another_number_of_features_than_selected_is_refused(folder: Path) -> None:
    edit(folder, lambda document: document["selection"].pop())
    assert "takes 800 features and the selection has 799" in refusal(folder)


@pytest.mark.parametrize("index", [-1, 1280])
def test_a_selection_outside_the_raw_vector_is_refused(folder: Path, index: int) -> None:
    place = 0 if index < 0 else -1
    edit(folder, lambda document: document["selection"].__setitem__(place, index))
    assert f"names value {index} of a raw vector of 1280" in refusal(folder)


def test_an_unsorted_selection_is_refused(folder: Path) -> None:
    edit(folder, lambda document: document["selection"].reverse())
    assert "not sorted" in refusal(folder)


def test_another_number_of_classes_than_brands_is_refused(folder: Path) -> None:
    edit(folder, lambda document: document["brands"].pop())
    assert "tells 3 classes apart and the release names 2 brands" in refusal(folder)


def test_another_objective_is_refused(folder: Path) -> None:
    edit_booster(folder, lambda b: b["learner"]["objective"].__setitem__("name", "multi:softmax"))
    assert "Train with multi:softprob" in refusal(folder)


@pytest.mark.parametrize("version", [[3, 2, 1], [4, 0, 0]])
def test_a_newer_xgboost_than_the_containers_is_refused(folder: Path, version: list[int]) -> None:
    edit_booster(folder, lambda booster: booster.__setitem__("version", version))
    assert "Train with XGBoost 3.2.0" in refusal(folder)


def test_an_unknown_container_is_refused(folder: Path) -> None:
    edit(folder, lambda document: document["model"].__setitem__("container_version", "latest"))
    assert "container latest. Use one of: 3.2-0" in refusal(folder)


def test_a_digest_that_does_not_match_is_refused(folder: Path) -> None:
    edit_booster(folder, lambda booster: booster["learner"]["attributes"].__setitem__("a", "b"))
    assert "digest" in refusal(folder)
    assert "Train again" in refusal(folder)


@pytest.mark.parametrize(("key", "value"), [("name", "magic"), ("version", 2)])
def test_an_extractor_that_the_code_does_not_have_is_refused(
    folder: Path, key: str, value: Any
) -> None:
    edit(folder, lambda document: document["extractor"].__setitem__(key, value))
    assert "this code ships: embedding 1, pixels 1" in refusal(folder)


def test_an_edited_document_is_refused(folder: Path) -> None:
    path = folder / "release.json"
    path.write_text(path.read_text().replace('"BBQ"', '"KFC"', 1))
    assert "it was edited" in refusal(folder)


@pytest.mark.parametrize("content", ["", "[]", "null", '{"id": "x"}', '{"id": 1, "format": 9}'])
def test_what_is_no_description_is_refused(folder: Path, content: str) -> None:
    (folder / "release.json").write_text(content)
    assert "not a release's description" in refusal(folder)


def test_a_missing_release_is_refused_with_the_command_that_makes_one(tmp_path: Path) -> None:
    assert "python -m model_code train" in refusal(tmp_path)


def test_golden_photos_that_no_longer_become_their_features_are_refused(folder: Path) -> None:
    edit(folder, lambda document: document["golden"][0]["features"].__setitem__(0, 7.5))
    assert "no longer becomes the features" in refusal(folder)


def test_a_small_difference_of_decoders_is_tolerated(folder: Path) -> None:
    def nudge(document: dict[str, Any]) -> None:
        features = document["golden"][0]["features"]
        features[:] = [value + 1 / 255 for value in features]

    edit(folder, nudge)
    assert read_release(folder)


def test_a_golden_photo_that_is_not_the_one_is_refused(folder: Path) -> None:
    photo = folder / read_release(folder).golden[0].photo
    photo.write_bytes(photo.read_bytes() + b" ")
    assert "not the one of the training" in refusal(folder)
    photo.unlink()
    assert "missing" in refusal(folder)


def test_a_golden_photo_outside_the_folder_is_not_read(folder: Path) -> None:
    for name in ("../../etc/passwd", "golden/\0", "x" * 5000):
        edit(folder, lambda document: document["golden"][0].__setitem__("photo", name))  # noqa: B023
        assert "missing" in refusal(folder)


def test_all_that_is_wrong_is_told_at_once(folder: Path) -> None:
    def break_two(document: dict[str, Any]) -> None:
        document["model"]["container_version"] = "latest"
        document["extractor"]["version"] = 9

    edit(folder, break_two)
    assert refusal(folder).count("\n- ") == 2


def test_the_id_is_of_what_decides_an_answer_alone(folder: Path) -> None:
    before = read_release(folder).id
    edit(folder, lambda document: document["metrics"].clear())
    assert read_release(folder).id == before
    edit(folder, lambda document: document["brands"][0].__setitem__("name", "another"))
    assert read_release(folder).id != before


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_link_in_place_of_the_booster_is_refused(folder: Path, kind: bytes) -> None:
    with tarfile.open(folder / "model.tar.gz", "w:gz") as tar:
        member = tarfile.TarInfo(MEMBER)
        member.type, member.linkname = kind, "/etc/passwd"
        tar.addfile(member)
    assert "exactly one file" in refusal(folder)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(folder: Path, constant: str) -> None:
    path = folder / "release.json"
    document = json.loads(path.read_text())
    document["golden"][0]["features"][0] = float(constant)
    path.write_text(json.dumps(document))
    assert f"{constant} is not a number" in refusal(folder)


def test_what_is_no_text_is_refused(folder: Path) -> None:
    path = folder / "release.json"
    path.write_text(path.read_text().replace('"nene"', r'"\ud800"'))
    assert "not a release's description" in refusal(folder)


GOLDEN_EDITS: dict[str, Edit] = {
    "none": lambda golden: golden.clear(),
    "one less": lambda golden: golden.pop(),
    "another order": lambda golden: golden.reverse(),
    "an answer too short": lambda golden: golden[0]["probabilities"].pop(),
    "no answer": lambda golden: golden[0].__setitem__("probabilities", [0, 0, 0]),
}


@pytest.mark.parametrize("change", GOLDEN_EDITS.values(), ids=GOLDEN_EDITS)
def test_golden_photos_that_prove_nothing_are_refused(folder: Path, change: Edit) -> None:
    edit(folder, lambda document: change(document["golden"]))
    assert "golden photo" in refusal(folder)


def test_a_tolerance_that_tolerates_anything_is_refused(folder: Path) -> None:
    path = folder / "release.json"
    document = json.loads(path.read_text())
    document["tolerance"]["probabilities"] = 2
    path.write_text(json.dumps(document))
    assert "tolerance.probabilities" in refusal(folder)


@pytest.mark.parametrize("place", range(3))
def test_an_answer_that_is_not_a_number_is_a_mismatch(folder: Path, place: int) -> None:
    release = read_release(folder)
    answer = list(release.golden[0].probabilities)
    assert answer_mismatch(release.golden[0], release, answer) is None
    answer[place] = float("nan")
    assert answer_mismatch(release.golden[0], release, answer)


def test_other_weights_than_those_of_the_training_are_refused(folder: Path) -> None:
    weights = folder / "efficientnet-lite0.onnx"
    weights.write_bytes(weights.read_bytes()[:-1])
    assert "not the file that it was trained with" in refusal(folder)
    weights.unlink()
    assert "is missing" in refusal(folder)


CONFIDENCE_EDITS: dict[str, Edit] = {
    "a brand less": lambda confidence: confidence["means"].pop(),
    "a value less": lambda confidence: confidence["means"][0].pop(),
}


@pytest.mark.parametrize("change", CONFIDENCE_EDITS.values(), ids=CONFIDENCE_EDITS)
def test_means_that_do_not_fit_are_refused(folder: Path, change: Edit) -> None:
    edit(folder, lambda document: change(document["confidence"]))
    assert "mean features" in refusal(folder)


@pytest.mark.parametrize(
    ("name", "value"),
    [("temperature", 0), ("temperature", -1), ("min_probability", 2), ("min_likeness", -2)],
)
def test_a_confidence_that_means_nothing_is_refused(folder: Path, name: str, value: float) -> None:
    path = folder / "release.json"
    document = json.loads(path.read_text())
    document["confidence"][name] = value
    path.write_text(json.dumps(document))
    assert f"confidence.{name}" in refusal(folder)
