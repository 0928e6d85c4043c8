"""The embedding of a photo: decoded smaller where that is quicker, and seen upright."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import ExifTags, Image, ImageOps

from model_code.features import EXTRACTORS, load_extractor, open_photo
from model_code.network import NETWORK
from model_code.samples.photo import draw_photo
from model_code.samples.styles import STYLES

Vector = npt.NDArray[np.float32]
Embed = Callable[[bytes], Vector]


@pytest.fixture(scope="module")
def embed() -> Embed:
    extract = load_extractor("embedding", NETWORK)
    return lambda photo: np.frombuffer(extract(photo), np.float32)


def encode(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def cosine(a: Vector, b: Vector) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.mark.parametrize("brand", STYLES)
@pytest.mark.parametrize("size", [(640, 640), (4000, 3000)])
def test_a_smaller_decoding_looks_the_same_to_the_network(
    embed: Embed, brand: str, size: tuple[int, int]
) -> None:
    photo = encode(draw_photo(brand, 0, seed=1).resize(size), "JPEG", quality=90)
    full = np.frombuffer(EXTRACTORS["embedding"].load(NETWORK)(open_photo(photo)), np.float32)
    assert cosine(embed(photo), full) > 0.99


@pytest.mark.parametrize(
    ("kind", "size", "decoded"),
    [
        ("JPEG", (4000, 3000), (500, 375)),
        ("JPEG", (3000, 4000), (375, 500)),
        ("JPEG", (448, 448), (224, 224)),
        ("JPEG", (447, 3000), (447, 3000)),
        ("JPEG", (100, 4000), (100, 4000)),
        ("PNG", (1000, 1000), (1000, 1000)),
        ("WEBP", (1000, 1000), (1000, 1000)),
    ],
)
def test_no_side_gets_shorter_than_what_is_enough(
    kind: str, size: tuple[int, int], decoded: tuple[int, int]
) -> None:
    enough = EXTRACTORS["embedding"].enough_side
    photo = encode(Image.new("RGB", size), kind)
    assert open_photo(photo, enough).size == decoded
    assert open_photo(photo).size == size


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(300, 260), (1200, 900)], ids=["whole", "smaller"])
def test_a_turned_photo_has_the_embedding_of_the_upright_one(
    embed: Embed, orientation: int, size: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    drawn = draw_photo(next(iter(STYLES)), 2, seed=3).resize(size)
    turned = encode(drawn, "JPEG", exif=exif, quality=95)
    upright = encode(ImageOps.exif_transpose(Image.open(io.BytesIO(turned))))
    assert cosine(embed(turned), embed(upright)) > (0.999999 if size == (300, 260) else 0.99)
    if orientation > 1:
        assert cosine(embed(turned), embed(encode(drawn))) < 0.99
