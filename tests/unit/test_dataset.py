"""Folders of photos: what is used, what is left out and told, what cannot be trained on."""

import json
import os
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from PIL import Image

from model_code.dataset import MIN_PHOTOS, scan
from model_code.errors import UserError
from model_code.extraction import extract
from model_code.pipeline import hold_out
from model_code.work import Work
from tests.conftest import BRANDS, PHOTOS


@pytest.fixture
def photos(photo_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(photo_folder, tmp_path / "photos")


def test_brands_are_the_folders_in_order(photos: Path) -> None:
    dataset = scan(photos)
    assert [brand.id for brand in dataset.brands] == sorted(BRANDS)
    assert len(dataset.photos) == len(BRANDS) * PHOTOS
    assert not dataset.skipped


def test_a_brand_more_is_a_folder_more(photos: Path) -> None:
    (photos / "네네").mkdir()
    for number in range(MIN_PHOTOS):
        Image.new("RGB", (50, 50), (number * 25, 0, 0)).save(photos / "네네" / f"{number}.webp")
    assert "네네" in {brand.id for brand in scan(photos).brands}


def test_names_on_disk_change_nothing_but_the_content_does(photos: Path) -> None:
    before = scan(photos)
    first = photos / "nene" / "0.png"
    first.rename(photos / "nene" / "zzz.jpeg")
    (photos / "교촌").rename(photos / unicodedata.normalize("NFD", "교촌"))
    renamed = scan(photos)
    assert renamed.sha256 == before.sha256
    assert [photo.sha256 for photo in renamed.photos] == [photo.sha256 for photo in before.photos]
    Image.new("RGB", (50, 50)).save(photos / "nene" / "1.png")
    assert scan(photos).sha256 != before.sha256


def test_display_names_come_from_brands_json(photos: Path) -> None:
    (photos / "brands.json").write_text(json.dumps({"nene": "네네"}), encoding="utf-8")
    names = {brand.id: brand.name for brand in scan(photos).brands}
    assert names["nene"] == "네네"
    assert names["BBQ"] == "BBQ"


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"nene": 1}',
        '{"unknown": "x"}',
        *(f'{{"nene": "{start}1"}}' for start in ("=", "+", "-", "@", "\\t", "\\r")),
        '{"nene": "\\ud800"}',
        '{"\\ud800": "x"}',
        "[" * 100_000,
    ],
    ids=lambda content: content[:20],
)
def test_a_wrong_brands_json_is_refused(photos: Path, content: str) -> None:
    (photos / "brands.json").write_text(content)
    with pytest.raises(UserError, match=r"brands\.json"):
        scan(photos)


def test_a_brands_json_that_leads_nowhere_is_refused(photos: Path) -> None:
    (photos / "brands.json").symlink_to(photos / "nowhere.json")
    with pytest.raises(UserError, match=r"brands\.json cannot be read"):
        scan(photos)


def test_brands_that_lie_a_level_deeper_are_pointed_out(photos: Path, tmp_path: Path) -> None:
    shutil.copytree(photos, tmp_path / "unseen")
    with pytest.raises(UserError, match=f"Or are the brands' folders in {photos} or "):
        scan(tmp_path)


def test_a_second_copy_is_left_out_and_told(photos: Path) -> None:
    copy = photos / "nene" / "copy.png"
    shutil.copy(photos / "nene" / "0.png", copy)
    dataset = scan(photos)
    assert len(dataset.photos) == len(BRANDS) * PHOTOS
    assert [(fault.path, fault.reason) for fault in dataset.skipped] == [
        (copy, "the same file as 0.png")
    ]


def test_a_photo_under_two_brands_is_used_for_neither(photos: Path) -> None:
    shutil.copy(photos / "nene" / "0.png", photos / "BBQ" / "copy.png")
    dataset = scan(photos)
    assert {fault.path.name for fault in dataset.skipped} == {"0.png", "copy.png"}
    assert len(dataset.photos) == len(BRANDS) * PHOTOS - 1


def test_unusable_files_are_left_out_and_told(photos: Path) -> None:
    (photos / "nene" / "text.jpg").write_text("no photo")
    (photos / "nene" / "empty.jpg").write_bytes(b"")
    Image.new("RGB", (4, 4)).save(photos / "nene" / "tiny.png")
    (photos / "nene" / ".hidden").write_text("not looked at")
    dataset, raw, mirrored = extract(scan(photos), "pixels", mirrored=False)
    assert {fault.path.name for fault in dataset.skipped} == {"text.jpg", "empty.jpg", "tiny.png"}
    assert len(raw) == len(dataset.photos) == len(BRANDS) * PHOTOS
    assert mirrored is None


def test_too_few_photos_name_the_brand_and_what_was_left_out(photos: Path) -> None:
    for number in range(PHOTOS - MIN_PHOTOS + 1):
        (photos / "nene" / f"{number}.png").write_text(f"no photo {number}")
    with pytest.raises(UserError, match=r"nene \(7\)(.|\n)*0\.png: The bytes are not a photo"):
        extract(scan(photos), "pixels", mirrored=False)


def test_too_few_brands_or_no_folder_is_refused(photos: Path) -> None:
    for brand in list(BRANDS)[1:]:
        shutil.rmtree(photos / brand)
    with pytest.raises(UserError, match="1 brand folders, and two are needed"):
        scan(photos)
    with pytest.raises(UserError, match="not a folder"):
        scan(photos / "nowhere")


def test_the_split_is_disjoint_stratified_and_seeded(photos: Path) -> None:
    dataset = scan(photos)
    test = hold_out(dataset, seed=5)
    assert test == hold_out(dataset, seed=5) != hold_out(dataset, seed=6)
    held_out = [dataset.photos[row].brand for row in test]
    assert {held_out.count(brand) for brand in BRANDS} == {PHOTOS // 4}
    rest = {photo.sha256 for row, photo in enumerate(dataset.photos) if row not in test}
    assert rest.isdisjoint(dataset.photos[row].sha256 for row in test)


def test_two_folders_of_the_same_brand_are_refused(photos: Path) -> None:
    (photos / unicodedata.normalize("NFD", "교촌")).mkdir()
    if len(list(photos.iterdir())) == len(BRANDS):
        pytest.skip("this file system normalises names itself")
    with pytest.raises(UserError, match="the same brand"):
        scan(photos)


def test_a_folder_whose_name_is_not_text_is_refused(photos: Path) -> None:
    try:
        (photos / "nene").rename(photos / os.fsdecode(b"n\xff"))
    except OSError:
        pytest.skip("this file system refuses such names itself")
    with pytest.raises(UserError, match=r"is not text in UTF-8\. Rename the folder"):
        scan(photos)


def test_what_is_not_a_file_is_left_out_and_told(photos: Path) -> None:
    (photos / "BBQ" / "raw").mkdir()
    (photos / "BBQ" / "gone.jpg").symlink_to(photos / "nowhere.jpg")
    os.mkfifo(photos / "BBQ" / "pipe.jpg")
    dataset = scan(photos)
    assert {fault.path.name for fault in dataset.skipped} == {"raw", "gone.jpg", "pipe.jpg"}
    assert len(dataset.photos) == len(BRANDS) * PHOTOS


def test_a_file_that_cannot_be_read_is_left_out_and_told(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests may run as root, who can read all: so the reading itself is made to fail."""
    read_bytes = Path.read_bytes

    def read(path: Path) -> bytes:
        if path == photos / "BBQ" / "3.png":
            raise PermissionError(13, "Permission denied", str(path))
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    (fault,) = scan(photos).skipped
    assert fault.reason == "cannot be read: Permission denied"


@pytest.mark.parametrize("extra", [0, 1, 30])
def test_small_brands_of_unequal_size_are_in_both_parts(photos: Path, extra: int) -> None:
    for path in sorted((photos / "nene").iterdir())[MIN_PHOTOS:]:
        path.unlink()
    for number in range(extra):
        (photos / "BBQ" / f"extra {number}.jpg").write_text(str(number))  # not decoded here
    dataset = scan(photos)
    test = set(hold_out(dataset, seed=0))
    for rows in (test, set(range(len(dataset.photos))) - test):
        assert {dataset.labels[row] for row in rows} == {0, 1, 2}


def test_a_file_name_that_is_not_text_stops_nothing(photos: Path, tmp_path: Path) -> None:
    try:
        for photo, name in (("0.png", b"good \xff.png"), ("1.png", b"bad \xff.png")):
            (photos / "BBQ" / photo).rename(photos / "BBQ" / os.fsdecode(name))
    except OSError:
        pytest.skip("this file system refuses such names itself")
    (photos / "BBQ" / os.fsdecode(b"bad \xff.png")).write_text("text")
    work = tmp_path / "work"
    extracted = subprocess.run(
        [sys.executable, "-m", "model_code", "extract", photos, "--work", work],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "bad \\udcff.png: The bytes are not a photo" in extracted.stderr
    assert len(Work(work).read_extracted().dataset.photos) == len(BRANDS) * PHOTOS - 1


def test_several_folders_are_one_dataset(photos: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    (more / "nene").mkdir(parents=True)
    (more / "nene" / "new.png").write_bytes(b"another photo")
    shutil.copy(photos / "nene" / "0.png", more / "nene" / "copy.png")
    (more / "BBQ").mkdir()
    shutil.copy(photos / "nene" / "1.png", more / "BBQ" / "other.png")
    (more / ".none").mkdir()
    (more / "feedback.csv").touch()
    dataset = scan(photos, more)
    assert [brand.id for brand in dataset.brands] == [brand.id for brand in scan(photos).brands]
    # The copy is used once; what lies under two brands is used for neither.
    assert len(dataset.photos) == len(BRANDS) * PHOTOS
    assert {fault.path.name for fault in dataset.skipped} == {"0.png", "1.png", "other.png"}
    assert scan(more, photos).sha256 == dataset.sha256


def test_a_folder_with_one_brand_can_be_added(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "more" / "nene").mkdir(parents=True)
    assert scan(photos, tmp_path / "more").sha256 == scan(photos).sha256
    assert scan(photos, photos).sha256 == scan(photos).sha256


def test_two_names_of_one_brand_are_refused(photos: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    shutil.copytree(photos, more)
    (photos / "brands.json").write_text('{"nene": "a"}')
    (more / "brands.json").write_text('{"nene": "b"}')
    with pytest.raises(UserError, match="calls nene b, and another folder's a"):
        scan(photos, more)


def test_a_second_folder_that_is_not_there_is_named(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere is not a folder"):
        scan(photos, tmp_path / "nowhere")
