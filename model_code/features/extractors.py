"""The extractors that this code has, by the name that a release carries."""

from array import array
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

from PIL import Image, ImageOps

from model_code.features import embedding, pixels
from model_code.features.photo import open_photo


class Extractor(NamedTuple):
    """Photo -> raw vector.

    A change of what it computes is a new `version`: releases name the version that they were
    trained with, and synth refuses one that the shipped code does not have.
    """

    version: int
    raw_length: int
    # Given the folder of the weights, return what turns an upright RGB image into the vector.
    load: Callable[[Path], Callable[[Image.Image], "array[float]"]]
    # The file of its weights, in the release's folder and in the Lambda's; None: it has none.
    weights: str | None = None
    # px; None: it looks at single pixels, so the photo must be decoded at its full size.
    enough_side: int | None = None


EXTRACTORS = {
    "embedding": Extractor(
        embedding.VERSION,
        embedding.RAW_LENGTH,
        embedding.load,
        weights=embedding.WEIGHTS,
        enough_side=embedding.SIDE,
    ),
    "pixels": Extractor(pixels.VERSION, pixels.RAW_LENGTH, lambda _folder: pixels.pixels),
}


class Extract(Protocol):
    """The bytes of one image file -> float32 array of the extractor's raw length."""

    def __call__(self, photo: bytes, *, mirrored: bool = False) -> "array[float]":
        """Raise `PhotoError` where `open_photo` does; `mirrored` sees it the other way round."""


def load_extractor(name: str, folder: Path) -> Extract:
    """Return the extractor `name`, with its weights (if it has any) from `folder`."""
    extractor = EXTRACTORS[name]
    vector = extractor.load(folder)

    def extract(photo: bytes, *, mirrored: bool = False) -> "array[float]":
        image = open_photo(photo, extractor.enough_side)
        return vector(ImageOps.mirror(image) if mirrored else image)

    return extract
