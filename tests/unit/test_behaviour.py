"""What must not change an answer, and what must: a model of drawn photos, asked as the API is."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from model_code.predict import Prediction, by_release
from model_code.samples import write_samples

Ask = Callable[[Image.Image], Prediction]
SIZE = (400, 400)


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Image.Image]]:
    """Return drawn photos that the model has not seen, with their brands."""
    folder = tmp_path_factory.mktemp("unseen")
    write_samples(folder, 5, seed=99)
    return [(path.parent.name, Image.open(path)) for path in sorted(folder.rglob("*.jpg"))]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory, train_release: Callable[..., Path]) -> Ask:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder, 24, seed=1)
    predict, photo = by_release(train_release(folder)), folder / "asked"

    def ask(image: Image.Image) -> Prediction:
        file = io.BytesIO()
        image.convert("RGB").save(file, "JPEG", quality=90)
        photo.write_bytes(file.getvalue())
        return predict(photo)

    return ask


def brand(prediction: Prediction) -> str:
    return prediction.ranking[0][0]


def test_most_brands_are_found(ask: Ask, unseen: list[tuple[str, Image.Image]]) -> None:
    right = [brand(ask(image)) == actual for actual, image in unseen]
    assert np.mean(right) > 0.6  # by guessing 0.25


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "mirrored": ImageOps.mirror,
    "smaller": lambda image: image.resize((300, 300)),
    "enlarged": lambda image: image.resize((1500, 1500)),
    "cut": lambda image: ImageOps.crop(image, 20),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "paler": lambda image: ImageEnhance.Color(image).enhance(0.85),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_not_the_dish_hardly_changes_the_answer(
    ask: Ask,
    unseen: list[tuple[str, Image.Image]],
    change: Callable[[Image.Image], Image.Image],
) -> None:
    same = [brand(ask(image)) == brand(ask(change(image))) for _, image in unseen]
    assert np.mean(same) >= 0.8


def strangers() -> Iterator[Image.Image]:
    """Yield pictures of no dish: noise, gradients, checks, stripes, pages of text, outlines."""
    rng = np.random.default_rng(0)
    x, y = np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1]))
    for step in (4, 10, 25, 60):
        yield Image.fromarray(rng.integers(0, 256, (*SIZE, 3), dtype=np.uint8))
        yield Image.fromarray(((x + y) // 4).astype(np.uint8))
        yield Image.fromarray((255 * ((x // step + y // step) % 2)).astype(np.uint8))
        yield Image.fromarray((255 * ((x // step) % 2)).astype(np.uint8))
        page, outlines = Image.new("RGB", SIZE, "white"), Image.new("RGB", SIZE, "white")
        for line in range(20, 380, 14):
            ImageDraw.Draw(page).text((20, line), "Invoice 12 chicken 18,000 won " * 2, "black")
        for _ in range(6):
            a, b = np.sort(rng.integers(10, 390, (2, 2)), axis=0)
            ImageDraw.Draw(outlines).ellipse([*a, *(b + 5)], outline="navy", width=4)
        yield page.rotate(step, fillcolor="white")
        yield outlines


def test_what_is_no_dish_is_not_confident(ask: Ask) -> None:
    confident = [ask(image).confident for image in strangers()]
    assert np.mean(confident) <= 0.1
