"""Drawn scenes that can be told apart, cut, blurred and copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from tests.chromium import chromium

# A colour and a shape that the network can tell apart.
BRANDS = {"BBQ": ("#d08030", "ellipse"), "kyochon": ("#40703c", "bar"), "nene": ("#b03040", "grid")}
PHOTOS = 14  # a brand
SIZE = (320, 300)


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


def dish(brand: str, seed: int) -> Image.Image:
    """Draw a photo of a brand: many of its shapes, over a scene in its colour."""
    tint, shape = BRANDS[brand]
    image = Image.blend(scene(seed, SIZE), Image.new("RGB", SIZE, tint), 0.5)
    draw, rng = ImageDraw.Draw(image), np.random.default_rng(seed)
    for _ in range(22):
        x, y = (int(value) for value in rng.integers(-20, 300, 2))
        width, height = (int(value) for value in rng.integers(12, 46, 2))
        if shape == "ellipse":
            draw.ellipse((x, y, x + 60, y + 60), outline="#ffe0a0", width=7)
        elif shape == "bar":
            draw.line((x, y, x + 4 * width, y + 4 * height), fill="#c8f0b0", width=9)
        else:
            draw.rectangle((x, y, x + width, y + height), fill="#ffd0e0", outline="black", width=4)
    return image


@pytest.fixture(scope="package")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw photos of three brands once; tests take copies."""
    folder = tmp_path_factory.mktemp("drawn") / "photos"
    for number, brand in enumerate(BRANDS):
        (folder / brand).mkdir(parents=True)
        for photo in range(PHOTOS):
            path = folder / brand / f"{photo:02}.jpg"
            dish(brand, 100 * number + photo).save(path, quality=88)
    return folder


@pytest.fixture
def photos(drawn: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn, tmp_path / "photos"))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser
