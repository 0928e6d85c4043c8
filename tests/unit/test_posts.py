"""The manifest of posts: photos of one post stay on one side; without it all is as before."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from model_code.curation.groups import group_photos
from model_code.dataset import file_sha256, scan
from model_code.errors import UserError
from model_code.pipeline import extract_step
from model_code.posts import MANIFEST
from model_code.recipe import RECIPES
from model_code.work import Work

COLUMNS = ["path", "source", "post", "sha256"]


@pytest.fixture
def photos(photo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(photo_folder, tmp_path / "photos"))


def write_manifest(photos: Path, posts: dict[str, str]) -> None:
    with (photos / MANIFEST).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for name, post in posts.items():
            table.writerow([name, "instagram", post, file_sha256(photos / name)])


def test_photos_of_one_post_are_held_out_together(photos: Path, tmp_path: Path) -> None:
    posts = {f"nene/{number}.png": f"post {number // 2}" for number in range(8)}
    write_manifest(photos, posts)
    for seed in range(6):
        extract_step(Work(tmp_path / "work"), scan(photos), RECIPES["pixels"], seed)
        data = Work(tmp_path / "work").read_extracted()
        held_out = {str(data.dataset.photos[row].path.relative_to(photos)) for row in data.test}
        for number in range(0, 8, 2):
            assert (f"nene/{number}.png" in held_out) == (f"nene/{number + 1}.png" in held_out)


def test_posts_of_one_photo_change_nothing_and_others_the_digest(photos: Path) -> None:
    before = scan(photos)
    write_manifest(photos, {f"nene/{number}.png": f"post {number}" for number in range(8)})
    assert scan(photos).sha256 == before.sha256
    assert group_photos(scan(photos)).tolist() == list(range(len(before.photos)))
    write_manifest(photos, {"nene/0.png": "one", "BBQ/0.png": "one", "BBQ/1.png": ""})
    shared = scan(photos)
    assert shared.sha256 != before.sha256
    assert len(shared.posts) == 2
    groups = group_photos(shared)
    assert len(set(groups)) == len(before.photos) - 1


@pytest.mark.parametrize("content", ["", "name,likes\nx,1\n", "sha256,post\n", "sha256\nx\n"])
def test_somebody_elses_table_says_nothing(photos: Path, content: str) -> None:
    before = scan(photos)
    (photos / MANIFEST).write_text(content)
    assert scan(photos) == before


@pytest.mark.parametrize(
    "content", [b"sha256,post\n\xff\xff,1\n", b'sha256,post\n"' + b"x" * 200_000]
)
def test_a_damaged_manifest_is_refused(photos: Path, content: bytes) -> None:
    (photos / MANIFEST).write_bytes(content)
    with pytest.raises(UserError, match=r"photos\.csv cannot be read as CSV"):
        scan(photos)


def test_a_short_row_is_no_post(photos: Path) -> None:
    digests = [file_sha256(photos / f"nene/{number}.png") for number in (0, 1)]
    (photos / MANIFEST).write_text("sha256,post\n" + "\n".join(digests) + "\n,,,,\n")
    assert scan(photos).posts == {}


def test_a_brand_of_one_post_is_refused(photos: Path) -> None:
    write_manifest(photos, {f"nene/{number}.png": "the same" for number in range(12)})
    with pytest.raises(UserError, match=r"near-copies of each other or of one post.*nene \(1\)"):
        group_photos(scan(photos))


def test_groups_are_kept_for_the_steps_that_follow(photos: Path, tmp_path: Path) -> None:
    write_manifest(photos, {"nene/0.png": "one", "nene/1.png": "one"})
    work = Work(tmp_path / "work")
    usable = extract_step(work, scan(photos), RECIPES["pixels"], seed=0)
    examples = work.read_extracted().examples
    np.testing.assert_array_equal(examples.together, group_photos(usable))
    rows = [row for row, photo in enumerate(usable.photos) if photo.brand == "nene"]
    assert len(set(examples.rows(rows).together)) == len(rows) - 1
