"""Drawn sample photos of four brands, to try everything without real ones."""

import json
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread

from model_code.dataset import NAMES
from model_code.errors import UserError
from model_code.progress import track
from model_code.samples.photo import draw_photo
from model_code.samples.styles import STYLES

QUALITY = 88  # of the JPEG


def write_samples(folder: Path, photos_per_brand: int, seed: int) -> int:
    """Draw `<folder>/<brand>/<number>.jpg` and the brands' display names, on all cores.

    A photo depends on seed, brand and number alone. One that is there already is kept, so that
    a larger set only adds to a smaller one, and a run that was stopped goes on.

    Returns
    -------
    int
        How many photos were drawn now.

    Raises
    ------
    UserError
        Less than one photo a brand is asked for.
    """
    if photos_per_brand < 1:
        raise UserError(f"{photos_per_brand} photos a brand cannot be drawn. Ask for 1 or more.")
    for brand in STYLES:
        (folder / brand).mkdir(parents=True, exist_ok=True)
    names = {brand: style.name for brand, style in STYLES.items()}
    (folder / NAMES).write_text(json.dumps(names, ensure_ascii=False) + "\n", encoding="utf-8")
    missing = [
        (brand, number, path)
        for number in range(photos_per_brand)
        for brand in STYLES
        if not (path := folder / brand / f"{number:04}.jpg").exists()
    ]
    # Spawned, since forked processes hold open what tells them that this one was killed.
    with ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=_end_with_us) as pool:
        drawn = pool.map(partial(_draw, seed), *zip(*missing, strict=True), chunksize=4)
        return sum(1 for _ in track(drawn, "Drawing photos", len(missing)))


def _end_with_us() -> None:
    """In a worker: end when the process that started it ends, however it ends."""
    parent = parent_process()
    assert parent is not None  # noqa: S101 - this is a worker

    def watch() -> None:
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _draw(seed: int, brand: str, number: int, path: Path) -> None:
    """Write one photo whole or not at all."""
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    draw_photo(brand, number, seed).save(unfinished, "JPEG", quality=QUALITY)
    unfinished.replace(path)
