"""Drawn scenes that can be told apart, cut, blurred and copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from model_code.samples.photo import draw_photo
from tests.chromium import chromium

BRANDS = ("BBQ", "kyochon", "nene")
PHOTOS = 14  # a brand
SIZE = (320, 320)


def scene(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Draw coloured shapes over smooth noise: sharp, with many colours, unlike any other seed."""
    rng = np.random.default_rng(seed)
    levels = rng.uniform(40, 215, (6, 8, 3)).astype(np.uint8)
    image = Image.fromarray(levels).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _ in range(25):
        x, y = rng.integers(0, size[0]), rng.integers(0, size[1])
        width, height = rng.integers(20, 120, 2)
        box = (int(x), int(y), int(x + width), int(y + height))
        draw.ellipse(box, fill=tuple(int(level) for level in rng.integers(0, 255, 3)))
    noise = rng.normal(0, 6, (size[1], size[0], 3))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


@pytest.fixture(scope="package")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw sample photos once; tests take copies."""
    folder = tmp_path_factory.mktemp("drawn") / "photos"
    for brand in BRANDS:
        (folder / brand).mkdir(parents=True)
        for number in range(PHOTOS):
            photo = draw_photo(brand, number, seed=7).resize(SIZE, Image.Resampling.BOX)
            photo.save(folder / brand / f"{number:02}.jpg", quality=88)
    return folder


@pytest.fixture
def photos(drawn: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn, tmp_path / "photos"))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser
