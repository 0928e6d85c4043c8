"""What is measured of a photo's pixels, once: its size, sharpness, flatness and a small copy."""

import io
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.fft import dctn
from scipy.ndimage import laplace

from model_code.dataset import Photo
from model_code.errors import UserError
from model_code.features import PhotoError, open_photo
from model_code.progress import track
from model_code.vector_cache import open_cache

VERSION = 1  # of the layout and the meaning below; another one is measured anew
BATCH = 256  # photos
SIDE = 256  # px, about what the network sees; sharpness is judged at this size
BLOCK = 8  # px
TILES = 4  # a side; a dish may be sharp before a soft background
THUMB = 32  # px
HASHED = 8  # frequencies a side that make the hash
FLAT = 2.0  # levels of deviation, below which a block holds nothing but its colour
COLOURS = 8
SHADES = 16  # levels a channel that count as different colours


class Measures(NamedTuple):
    """Arrays with one row a photo."""

    sizes: npt.NDArray[np.float32]  # (photos, 2): width and height in px, of the file
    sharpness: npt.NDArray[np.float32]  # (photos,)
    flatness: npt.NDArray[np.float32]  # (photos,): share of blocks that hold one colour
    palette: npt.NDArray[np.float32]  # (photos,): share of the pixels in the commonest colours
    hashes: npt.NDArray[np.uint64]  # (photos,): perceptual hash
    thumbs: npt.NDArray[np.uint8]  # (photos, THUMB, THUMB): grey


_LAYOUT = np.dtype(
    [
        ("sizes", "<f4", 2),
        ("sharpness", "<f4"),
        ("flatness", "<f4"),
        ("palette", "<f4"),
        ("hashes", "<u8"),
        ("thumbs", "u1", (THUMB, THUMB)),
    ]
)


def measure(photos: Sequence[Photo]) -> Measures:
    """Measure each photo that was not measured before.

    Raises
    ------
    UserError
        A photo cannot be read; `extract` would have left it out.
    """
    records = np.zeros(len(photos), _LAYOUT)
    for row, found in enumerate(track(_records(photos), "Measuring photos", len(photos))):
        records[row] = np.frombuffer(found, _LAYOUT)[0]
    return Measures(*(records[name] for name in Measures._fields))


def _records(photos: Sequence[Photo]) -> Iterator[bytes]:
    with open_cache() as cache, ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(photos), BATCH):
            batch = photos[start : start + BATCH]
            known = cache.get([_key(photo) for photo in batch], _LAYOUT.itemsize)
            missing = [photo for photo in batch if _key(photo) not in known]
            made = dict(zip(missing, pool.map(_measure_file, missing), strict=True))
            cache.put((_key(photo), found) for photo, found in made.items())
            yield from (known.get(_key(photo)) or made[photo] for photo in batch)


def _key(photo: Photo) -> str:
    return f"curation {VERSION} {photo.sha256}"


def _measure_file(photo: Photo) -> bytes:
    try:
        content = photo.path.read_bytes()
        image = open_photo(content, SIDE)
        with Image.open(io.BytesIO(content)) as header:
            return measure_image(image, header.size).tobytes()
    except (PhotoError, OSError) as error:
        raise UserError(f"{photo.path} cannot be read any more: {error} Run again.") from error


def measure_image(image: Image.Image, size: tuple[int, int]) -> npt.NDArray[np.void]:
    """Return one record of `_LAYOUT` about an upright RGB image; `size` is that of its file."""
    small = image.copy()
    small.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    colours = np.asarray(small)
    grey = np.asarray(small.convert("L"), np.float32)
    thumb = np.asarray(small.convert("L").resize((THUMB, THUMB), Image.Resampling.BOX))
    record = np.zeros((), _LAYOUT)
    record["sizes"] = size
    record["sharpness"] = _sharpness(grey)
    record["flatness"] = _flatness(grey)
    record["palette"] = _palette(colours)
    record["hashes"] = perceptual_hash(thumb[np.newaxis])[0]
    record["thumbs"] = thumb
    return record


def _sharpness(grey: npt.NDArray[np.float32]) -> float:
    """Return the variance of the Laplacian over that of the levels, in the sharpest tile.

    The variance of the Laplacian alone (Pech-Pacheco et al. 2000) also grows with contrast.
    """
    best = 0.0
    edges = laplace(grey)
    for rows in np.array_split(np.arange(grey.shape[0]), TILES):
        for columns in np.array_split(np.arange(grey.shape[1]), TILES):
            tile = np.ix_(rows, columns)
            if rows.size and columns.size:
                best = max(best, float(edges[tile].var() / (grey[tile].var() + 25)))
    return best


def _flatness(grey: npt.NDArray[np.float32]) -> float:
    height, width = (max(side // BLOCK, 1) for side in grey.shape)
    cut = grey[: height * BLOCK, : width * BLOCK]
    if cut.size < height * width * BLOCK * BLOCK:
        return 0.0
    blocks = cut.reshape(height, BLOCK, width, BLOCK)
    return float((blocks.std(axis=(1, 3)) < FLAT).mean())


def _palette(colours: npt.NDArray[np.uint8]) -> float:
    shades = (colours // (256 // SHADES)).reshape(-1, 3).astype(np.int32) @ [1, SHADES, SHADES**2]
    counts = np.sort(np.bincount(shades))[::-1]
    return float(counts[:COLOURS].sum() / counts.sum())


def perceptual_hash(thumbs: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Return 64 bits of each grey square (photos, side, side): its lowest frequencies' signs.

    Each bit says whether a frequency of the cosine transform lies above their median (pHash,
    Zauner 2010). The mean level is left out, so that brightness does not matter.
    """
    frequencies = dctn(thumbs.astype(np.float32), axes=(1, 2))[:, : HASHED + 1, : HASHED + 1]
    lowest = frequencies.reshape(len(thumbs), -1)[:, 1 : HASHED**2 + 1]
    bits = lowest > np.median(lowest, axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(">u8").ravel().astype(np.uint64)
