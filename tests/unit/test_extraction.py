"""A dataset's vectors: those of its photos one by one, and what cannot be read is told."""

import io
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageOps

from model_code import extraction
from model_code.dataset import Dataset, scan
from model_code.errors import UserError
from model_code.extraction import Extraction, extract
from model_code.features import EXTRACTORS, load_extractor
from model_code.features.embedding import WEIGHTS
from model_code.network import NETWORK
from tests.conftest import BRANDS, PHOTOS

Vector = npt.NDArray[np.float32]


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


def both_views(found: Extraction) -> Vector:
    assert found.mirrored is not None
    return np.stack([found.raw, found.mirrored])


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_vectors_are_those_of_the_photos_one_by_one_in_order(
    dataset: Dataset, extractor: str
) -> None:
    found = extract(dataset, extractor, mirrored=True)
    alone = load_extractor(extractor, NETWORK)
    expected: tuple[list[Vector], list[Vector]] = ([], [])
    for photo in dataset.photos:
        content = photo.path.read_bytes()
        file = io.BytesIO()
        ImageOps.mirror(Image.open(io.BytesIO(content))).save(file, "PNG")
        for view, seen in zip(expected, (content, file.getvalue()), strict=True):
            view.append(np.frombuffer(alone(seen), np.float32))
    assert found.dataset == dataset
    np.testing.assert_array_equal(both_views(found), np.array(expected), strict=True)
    assert not np.array_equal(*both_views(found))


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_faulty_photos_are_told_and_the_others_keep_their_order(
    photos: Path, extractor: str
) -> None:
    before = extract(scan(photos), extractor, mirrored=True)
    (photos / "BBQ" / "text.jpg").write_text("no photo")
    Image.new("RGB", (4, 4)).save(photos / "nene" / "tiny.png")
    (photos / "교촌" / "short.png").write_bytes((photos / "nene" / "0.png").read_bytes()[:999])
    for _ in range(2):  # what is faulty is told again each time
        after = extract(scan(photos), extractor, mirrored=True)
        told = {fault.path.name: fault.reason.split(".")[0] for fault in after.dataset.skipped}
        assert told == {
            "text.jpg": "The bytes are not a photo",
            "tiny.png": "The photo is 4x4 pixels",
            "short.png": "The photo is damaged or cut short: it starts like one but cannot be "
            "decoded to its end",
        }
        assert after.dataset.photos == before.dataset.photos
        assert np.array_equal(both_views(after), both_views(before))


def test_a_photo_that_went_away_is_told(dataset: Dataset) -> None:
    dataset.photos[3].path.unlink()
    found = extract(dataset, "pixels", mirrored=False)
    assert [fault.path for fault in found.dataset.skipped] == [dataset.photos[3].path]
    assert len(found.raw) == len(found.dataset.photos) == len(BRANDS) * PHOTOS - 1


@pytest.mark.parametrize("content", [None, b"", b"no network"], ids=["missing", "empty", "damaged"])
def test_a_network_that_cannot_be_loaded_says_how_to_make_it(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, work: Path, content: bytes | None
) -> None:
    monkeypatch.setattr(extraction, "NETWORK", work)
    if content is not None:
        (work / WEIGHTS).write_bytes(content)
    with pytest.raises(UserError, match=rf"{work / WEIGHTS} .*make setup"):
        extract(dataset, "embedding", mirrored=False)
    assert len(extract(dataset, "pixels", mirrored=False).raw) == len(BRANDS) * PHOTOS
