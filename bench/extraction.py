"""Photos a second on one thread: each extractor against the 2019 notebook's way.

`python -m bench.extraction`
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from bench.timing import medians
from model_code.features import EXTRACTORS, Extract, load_extractor, open_photo
from model_code.network import NETWORK
from model_code.samples.photo import draw_photo

ROUNDS = 31
SEED = 2019
QUALITY = 88  # of the JPEGs
PHONE = (4000, 3000)  # px: 12 megapixels
GRAIN = 6  # levels of noise, so that the large photo has as much to decode as a real one
SIDE = 40  # px, the notebook's

Read = Callable[[Path], object]
NOTEBOOK, WHOLE = "notebook of 2019", "embedding, photo decoded whole"


def notebook(path: Path) -> object:
    """Read a photo as the notebook did; NEAREST was the default of its Pillow."""
    image = Image.open(path).convert("RGB").resize((SIDE, SIDE), Image.Resampling.NEAREST)
    return (np.array(image) / 255).reshape(-1)


def whole(path: Path, embedding: Callable[[Image.Image], object]) -> object:
    """Embed without the reduced decoding of a JPEG that is larger than the network needs."""
    return embedding(open_photo(path.read_bytes()))


def ours(path: Path, extract: Extract) -> object:
    return extract(path.read_bytes())


def write_photos(folder: Path) -> dict[str, Path]:
    """Draw a sample photo, and enlarge it to what a phone takes."""
    sample = draw_photo("kyochon", 0, SEED)
    grain = np.random.default_rng(SEED).normal(0, GRAIN, (*reversed(PHONE), 3))
    phone = np.asarray(sample.resize(PHONE, Image.Resampling.BICUBIC)) + grain
    photos = {
        "640x640": sample,
        "4000x3000": Image.fromarray(phone.clip(0, 255).astype(np.uint8)),
    }
    for name, photo in photos.items():
        photo.save(folder / f"{name}.jpg", quality=QUALITY)
    return {name: folder / f"{name}.jpg" for name in photos}


def ways() -> dict[str, Read]:
    extractors = {
        name: partial(ours, extract=load_extractor(name, NETWORK))
        for name in ("pixels", "embedding")
    }
    embedding = EXTRACTORS["embedding"].load(NETWORK)
    return {NOTEBOOK: notebook, **extractors, WHOLE: partial(whole, embedding=embedding)}


def show(photo: str, found: dict[str, float]) -> None:
    for way, seconds in found.items():
        ratio = found[NOTEBOOK] / seconds
        print(f"{photo:<12}{way:<32}{1 / seconds:>10.1f}{1000 * seconds:>10.1f}{ratio:>9.2f}x")
    gain = found[WHOLE] / found["embedding"]
    print(f"{photo:<12}{'gain of the reduced decoding':<52}{gain:>9.2f}x")


def main() -> None:
    print(f"{'JPEG':<12}{'way':<32}{'photos/s':>10}{'ms':>10}{'ratio':>10}")
    with TemporaryDirectory() as temporary:
        for photo, path in write_photos(Path(temporary)).items():
            sides = {way: partial(read, path) for way, read in ways().items()}
            show(photo, medians(sides, ROUNDS))


if __name__ == "__main__":
    main()
