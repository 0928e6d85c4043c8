"""The extractor of the 2019 notebook: the photo shrunk to 40x40, every pixel a feature.

The notebook called `Image.resize((40, 40))` under Pillow 5, whose default filter was NEAREST
(BICUBIC since Pillow 7), made it an array and divided by 255.
"""

from array import array

from PIL import Image

SIDE = 40  # px
RAW_LENGTH = SIDE * SIDE * 3
VERSION = 1

# 256 levels, so 256 quotients. A float32 division gives the same: both round the exact quotient.
_LEVELS = array("f", (level / 255 for level in range(256)))


def pixels(image: Image.Image) -> "array[float]":
    """Shrink an RGB image of any size to 40x40 and lay it out as one vector.

    Returns
    -------
    array of float32, length 4,800, in [0, 1]
        Row by row, left to right, red, green and blue of each pixel.
    """
    small = image.resize((SIDE, SIDE), Image.Resampling.NEAREST)
    return array("f", map(_LEVELS.__getitem__, small.tobytes()))
