"""Near-copies: found whatever was done to them, and nothing else taken for one."""

import io
import itertools
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageFilter

from model_code.curation.duplicates import near_duplicates
from model_code.curation.groups import together
from model_code.curation.matching import match
from model_code.curation.measures import Measures, measure_image
from tests.unit.curation.conftest import scene

Change = Callable[[Image.Image], Image.Image]


def cut(left: float, top: float, right: float, bottom: float) -> Change:
    def change(image: Image.Image) -> Image.Image:
        width, height = image.size
        return image.crop(
            (int(left * width), int(top * height), int(right * width), int(bottom * height))
        )

    return change


def compressed(quality: int) -> Change:
    def change(image: Image.Image) -> Image.Image:
        content = io.BytesIO()
        image.save(content, "JPEG", quality=quality)
        return Image.open(content).convert("RGB")

    return change


CHANGES: dict[str, Change] = {
    "compressed": compressed(15),
    "a third of the size": lambda image: image.resize((213, 160)),
    "enlarged": lambda image: image.resize((1280, 960)),
    "cut around": cut(0.07, 0.06, 0.92, 0.94),
    "cut on one side": cut(0.15, 0, 1, 1),
    "cut at a corner": cut(0, 0, 0.87, 0.86),
    "brighter": lambda image: image.point(lambda level: min(255, level * 1.25)),
    "soft": lambda image: image.filter(ImageFilter.GaussianBlur(3)),
    "all at once": lambda image: compressed(30)(cut(0.05, 0.1, 0.95, 1)(image).resize((300, 220))),
}


def measures(images: Sequence[Image.Image]) -> Measures:
    records = np.array([measure_image(image, image.size) for image in images])
    return Measures(*(records[name] for name in Measures._fields))


def vectors(images: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
    """Stand in for embeddings, which see that two photos are alike however they were cut."""
    small = [np.asarray(image.resize((3, 3)), np.float32).ravel() - 128 for image in images]
    return np.array(small)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_copy_matches_and_another_photo_does_not(change: Change) -> None:
    images = [scene(1), change(scene(1)), scene(2), change(scene(3))]
    pairs = np.array(list(itertools.combinations(range(4), 2)))
    scores = dict(zip(map(tuple, pairs), match(measures(images).thumbs, pairs), strict=True))
    assert scores.pop((0, 1)) > 0.93
    assert max(scores.values()) < 0.8


def test_copies_are_found_among_all_pairs_and_grouped() -> None:
    originals = [scene(seed) for seed in range(30)]
    images = [*originals, *(change(originals[n]) for n, change in enumerate(CHANGES.values()))]
    found = near_duplicates(measures(images), vectors(images))
    wanted = {(number, 30 + number) for number in range(len(CHANGES))}
    assert {tuple(pair) for pair in found.rows.tolist()} == wanted
    groups = together(len(images), found.rows)
    assert all(groups[one] == groups[other] for one, other in wanted)
    assert len(set(groups)) == 30


def test_the_hash_finds_what_embeddings_miss() -> None:
    images = [scene(1), scene(1).resize((160, 120)), scene(2)]
    found = near_duplicates(measures(images), np.eye(3, dtype=np.float32))
    assert found.rows.tolist() == [[0, 1]]


def test_more_copies_than_neighbours_are_one_group() -> None:
    images = [compressed(quality)(scene(5)) for quality in range(20, 90, 5)] + [scene(6)]
    groups = together(len(images), near_duplicates(measures(images), vectors(images)).rows)
    assert groups.tolist() == [0] * 14 + [1]


def test_plain_photos_are_copies_of_nothing() -> None:
    images = [Image.new("RGB", (64, 64), (level, 0, 0)) for level in (0, 5, 200)]
    assert not len(near_duplicates(measures(images), np.ones((3, 4), np.float32)).rows)


def test_one_photo_or_none_has_no_copy() -> None:
    one = measures([scene(1)])
    sizes, sharpness, flatness, palette, hashes, thumbs = one
    none = Measures(sizes[:0], sharpness[:0], flatness[:0], palette[:0], hashes[:0], thumbs[:0])
    for photos in (one, none):
        found = near_duplicates(photos, np.ones((len(photos.hashes), 4), np.float32))
        assert found.rows.shape == (0, 2)


def test_it_takes_thousands_without_comparing_each_by_each_in_python() -> None:
    count, rng = 6000, np.random.default_rng(0)
    thumbs = rng.integers(0, 255, (count, 32, 32), dtype=np.uint8)
    thumbs[-1] = thumbs[0]
    hashes = rng.integers(0, 2**63, count, dtype=np.uint64)
    hashes[-1] = hashes[0]
    nothing = np.zeros(count, np.float32)
    many = Measures(np.zeros((count, 2), np.float32), nothing, nothing, nothing, hashes, thumbs)
    found = near_duplicates(many, rng.normal(size=(count, 64)).astype(np.float32))
    assert found.rows.tolist() == [[0, count - 1]]
