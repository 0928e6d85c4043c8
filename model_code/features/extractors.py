"""The extractors that this code has, by the name that a release carries."""

from array import array
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image

from model_code.features import pixels


class Extractor(NamedTuple):
    """Photo -> raw vector.

    A change of what `extract` computes is a new `version`: releases name the version that they
    were trained with, and synth refuses one that the shipped code does not have.
    """

    version: int
    raw_length: int
    extract: Callable[[Image.Image], "array[float]"]


EXTRACTORS = {
    "pixels": Extractor(pixels.VERSION, pixels.RAW_LENGTH, pixels.pixels),
}
