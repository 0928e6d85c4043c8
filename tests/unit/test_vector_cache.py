"""The cache of vectors: what was computed is kept, and used where it would be the same again."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import pytest
from PIL import Image

from model_code import extraction
from model_code.dataset import Dataset, Photo, scan
from model_code.errors import UserError
from model_code.extraction import extract
from model_code.features import EXTRACTORS
from model_code.features.embedding import WEIGHTS
from model_code.network import NETWORK
from model_code.vector_cache import CACHE, open_cache


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of the test's own, where the cache is then."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def photos(photo_folder: Path, work: Path) -> Path:
    return shutil.copytree(photo_folder, work / "photos")


@pytest.fixture
def dataset(photos: Path) -> Dataset:
    return scan(photos)


def spoil(photos: Sequence[Photo]) -> None:
    """Overwrite the files, so that whoever decodes them again is told."""
    for photo in photos:
        photo.path.write_bytes(b"no photo any more")


def count() -> int:
    with closing(sqlite3.connect(CACHE)) as connection:
        (number,) = connection.execute("SELECT count(*) FROM vectors").fetchone()
    return int(number)


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_a_second_run_decodes_nothing(dataset: Dataset, extractor: str) -> None:
    first = extract(dataset, extractor, mirrored=True)
    spoil(dataset.photos)
    second = extract(dataset, extractor, mirrored=True)
    assert second.dataset == first.dataset
    assert np.array_equal(second.raw, first.raw)
    assert second.mirrored is not None and first.mirrored is not None
    assert np.array_equal(second.mirrored, first.mirrored)
    assert extract(dataset, extractor, mirrored=False).mirrored is None


def test_only_photos_that_are_new_are_decoded(photos: Path, dataset: Dataset) -> None:
    first = extract(dataset, "pixels", mirrored=False)
    path = photos / "nene" / "new.png"
    Image.new("RGB", (50, 50), "red").save(path)
    larger = scan(photos)
    spoil(dataset.photos)
    second = extract(larger, "pixels", mirrored=False)
    (row,) = (row for row, photo in enumerate(larger.photos) if photo.path == path)
    assert np.array_equal(np.delete(second.raw, row, axis=0), first.raw)
    assert np.array_equal(second.raw[row].reshape(-1, 3), [[1, 0, 0]] * 1600)


def test_a_mirrored_view_is_not_taken_for_the_other(dataset: Dataset) -> None:
    plain = extract(dataset, "pixels", mirrored=False)
    both = extract(dataset, "pixels", mirrored=True)
    assert both.mirrored is not None
    assert np.array_equal(plain.raw, both.raw)
    assert not np.array_equal(both.raw, both.mirrored)


def another_pillow(monkeypatch: pytest.MonkeyPatch, work: Path) -> None:
    monkeypatch.setattr(PIL, "__version__", "99.0")


def another_version(monkeypatch: pytest.MonkeyPatch, work: Path) -> None:
    changed = EXTRACTORS["embedding"]._replace(version=99)
    monkeypatch.setitem(EXTRACTORS, "embedding", changed)


def other_weights(monkeypatch: pytest.MonkeyPatch, work: Path) -> None:
    """Add a field that no reader of ONNX knows: another file of the same network."""
    (work / WEIGHTS).write_bytes((NETWORK / WEIGHTS).read_bytes() + b"\xfa\x3f\x01x")
    monkeypatch.setattr(extraction, "NETWORK", work)


@pytest.mark.parametrize("change", [another_pillow, another_version, other_weights])
def test_vectors_that_may_be_others_now_are_computed_again(
    dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
    work: Path,
    change: Callable[[pytest.MonkeyPatch, Path], None],
) -> None:
    extract(dataset, "embedding", mirrored=False)
    with monkeypatch.context() as changed:
        change(changed, work)
        extract(dataset, "embedding", mirrored=False)
    assert count() == 2 * len(dataset.photos)
    spoil(dataset.photos)
    assert not extract(dataset, "embedding", mirrored=False).dataset.skipped
    change(monkeypatch, work)
    assert not extract(dataset, "embedding", mirrored=False).dataset.skipped


def test_a_run_that_was_stopped_goes_on(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(found: Iterator[Any], *_: object) -> Iterator[Any]:
        yield from islice(found, 20)
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr(extraction, "BATCH", 8)
        stopped.setattr(extraction, "track", stop)
        with pytest.raises(KeyboardInterrupt):
            extract(dataset, "pixels", mirrored=False)
    assert count() == 24
    spoil(dataset.photos[:24])
    assert not extract(dataset, "pixels", mirrored=False).dataset.skipped


def other_columns() -> None:
    with closing(sqlite3.connect(CACHE)) as connection:
        connection.execute("CREATE TABLE vectors (name TEXT)")


def text() -> None:
    CACHE.write_bytes(b"no database" * 1000)


def half_of_it() -> None:
    with open_cache() as cache:
        cache.put((str(number), bytes(1000)) for number in range(1000))
    CACHE.write_bytes(CACHE.read_bytes()[: CACHE.stat().st_size // 2])


def a_folder() -> None:
    CACHE.mkdir()


@pytest.mark.parametrize("damage", [text, other_columns, half_of_it, a_folder])
def test_a_damaged_cache_is_named(dataset: Dataset, damage: Callable[[], None]) -> None:
    CACHE.parent.mkdir()
    damage()
    with pytest.raises(
        UserError, match=r"^build/vectors\.sqlite: .* (delete it|read and written)\."
    ):
        extract(dataset, "pixels", mirrored=False)
