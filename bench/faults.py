"""Real photos with planted faults, to measure the finders of `model_code.curation` on."""

import random
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SHARE = 0.05  # of the photos to learn from, for each kind of fault
HELD_OUT = 0.25
WORDS = ("NEW MENU", "today", "2+1", "open 17:00", "call us", "honey", "garlic", "half & half")

Brands = dict[str, list[Path]]


class Folder:
    """A folder of photos by brand, and which of them are at fault."""

    def __init__(self, path: Path, brands: Iterable[str], rng: random.Random) -> None:
        self.path, self.brands, self.rng = path, list(brands), rng
        self.faults: dict[str, str] = {}  # <brand>/<file> -> fault
        self.truth: dict[str, str | None] = {}  # <brand>/<file> -> its brand; None: no photo of any
        for brand in self.brands:
            (path / brand).mkdir(parents=True)

    def put(
        self,
        photo: Path | Image.Image,
        brand: str,
        fault: str,
        truth: str | None,
        quality: int = 88,
    ) -> None:
        """Plant a fault."""
        name = f"{brand}/planted-{len(self.faults):04}.jpg"
        if isinstance(photo, Path):
            shutil.copyfile(photo, self.path / name)
        else:
            photo.save(self.path / name, "JPEG", quality=quality)
        self.faults[name], self.truth[name] = fault, truth

    def any_brand(self, but: str | None = None) -> str:
        """Draw a brand."""
        return self.rng.choice([brand for brand in self.brands if brand != but])


def plant(
    path: Path, photos: Path, half: int, seed: int, things: Path | None, screens: Path | None
) -> tuple[Folder, Brands]:
    """Lay out one half of `photos` with faults; return it, and photos kept aside to test on.

    One of the brands, another one for each seed, is none here: its photos are the other dish.
    """
    rng = random.Random(seed)  # noqa: S311 - of faults, no secret
    brands = {
        folder.name: sorted(folder.iterdir())[half::2]
        for folder in sorted(photos.iterdir())
        if folder.is_dir()
    }
    other = brands.pop(list(brands)[seed % len(brands)])
    test, pool = {}, []
    for brand, paths in brands.items():
        rng.shuffle(paths)
        count = round(HELD_OUT * len(paths))
        test[brand] = paths[:count]
        pool += [(brand, photo) for photo in paths[count:]]
    rng.shuffle(pool)
    folder = Folder(path, brands, rng)
    _spoil(folder, pool, max(round(SHARE * len(pool)), 2))
    _add(folder, rng.sample(other, max(round(SHARE * len(pool)), 2)), "other dish")
    for source, fault in ((things, "thing"), (screens, "screenshot")):
        found = sorted(source.iterdir())[half::2] if source else []
        _add(folder, rng.sample(found, min(len(pool) // 20, len(found))), fault)
    return folder, test


def _spoil(folder: Folder, pool: list[tuple[str, Path]], count: int) -> None:
    """Put some of the photos in wrongly, all others as they are, and some of these once more."""
    rng = folder.rng
    for brand, photo in pool[:count]:
        folder.put(photo, folder.any_brand(but=brand), "wrong brand", brand)
    for number, (brand, photo) in enumerate(pool[count : 3 * count]):
        fault, spoil = (("small", smaller), ("blurred", softer))[number % 2]
        folder.put(spoil(opened(photo), rng), brand, fault, None)
    for brand, photo in pool[3 * count :]:
        shutil.copyfile(photo, folder.path / brand / photo.name)
    for number, (brand, photo) in enumerate(pool[3 * count : 5 * count]):
        under, fault = brand, "copy"
        if number % 2:
            under, fault = folder.any_brand(but=brand), "copy elsewhere"
        folder.put(copied(opened(photo), rng), under, fault, None, rng.randint(30, 90))
    for _ in range(count):
        folder.put(text_card(rng), folder.any_brand(), "card", None)


def _add(folder: Folder, photos: Iterable[Path], fault: str) -> None:
    for photo in photos:
        folder.put(opened(photo), folder.any_brand(), fault, None)


def opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def smaller(image: Image.Image, rng: random.Random) -> Image.Image:
    side = rng.randint(40, 120)
    return image.resize((side, side * image.height // image.width))


def softer(image: Image.Image, rng: random.Random) -> Image.Image:
    radius = rng.uniform(0.008, 0.03) * max(image.size)
    return image.filter(ImageFilter.GaussianBlur(radius))


def copied(image: Image.Image, rng: random.Random) -> Image.Image:
    """Cut off up to 15% of each side's length, resize, or both."""
    kind = rng.choice(["cut", "resized", "both", "compressed"])
    if kind in ("cut", "both"):
        width, height = image.size
        keep_x, keep_y = rng.uniform(0.85, 0.95), rng.uniform(0.85, 0.95)
        left, top = rng.uniform(0, 1 - keep_x) * width, rng.uniform(0, 1 - keep_y) * height
        box = (left, top, left + keep_x * width, top + keep_y * height)
        image = image.crop(tuple(map(round, box)))  # type: ignore[arg-type]
    if kind in ("resized", "both"):
        scale = rng.uniform(0.5, 0.9)
        image = image.resize((round(image.width * scale), round(image.height * scale)))
    return image


def text_card(rng: random.Random) -> Image.Image:
    """Draw a card as shops post them: words on a plain, striped or shaded ground."""
    side = rng.choice([480, 640, 1080])
    one, two = ([rng.randrange(256) for _ in range(3)] for _ in range(2))
    kind = rng.choice(["plain", "framed", "shaded"])
    if kind == "shaded":
        ramp = np.linspace(0, 1, side)[:, None, None] * np.ones((1, side, 1))
        image = Image.fromarray((ramp * two + (1 - ramp) * np.array(one)).astype(np.uint8))
    else:
        image = Image.new("RGB", (side, side), tuple(one))
    draw = ImageDraw.Draw(image)
    ink = (255, 255, 255) if sum(one) < 380 else (20, 20, 20)
    if kind == "framed":
        draw.rectangle((side // 20, side // 20, side * 19 // 20, side * 19 // 20), None, ink, 6)
    y = side // 6
    while y < side * 4 // 5:
        size = rng.randint(side // 24, side // 9)
        words = " ".join(rng.sample(WORDS, rng.randint(1, 4)))
        draw.text((side // 10, y), words, fill=ink, font=ImageFont.load_default(size))
        y += round(size * 1.6)
    return image
