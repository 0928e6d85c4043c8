"""Whether a training grows in proportion to its photos: wall time and peak memory of `train`.

`python -m bench.scale --brands 10 --photos 500`, then `--brands 50 --photos 1000`
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from resource import struct_rusage

import numpy as np
from PIL import Image

from model_code.progress import track

ROOT = Path(__file__).parents[1]
SIDE = 256  # px
QUALITY = 88
NOISE = 60  # levels around the brand's tint, so that some photos pass for another brand's
KILOBYTE, GIGABYTE = 1024, 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--brands", type=int, default=10)
    parser.add_argument("--photos", type=int, default=500, help="a brand (500)")
    parser.add_argument("--recipe", default="embedding")
    arguments = parser.parse_args()
    folder = ROOT / "build" / "bench" / f"{arguments.brands}x{arguments.photos}"
    write_photos(folder / "photos", arguments.brands, arguments.photos)
    forget(folder)
    start = time.perf_counter()
    usage = train(folder, arguments.recipe)
    show(arguments.brands * arguments.photos, time.perf_counter() - start, usage)


def write_photos(folder: Path, brands: int, count: int) -> None:
    """Draw `count` photos a brand; those of an earlier run are kept."""
    for brand in range(brands):
        (folder / f"brand{brand:02}").mkdir(parents=True, exist_ok=True)
    missing = [
        (brand, number)
        for brand in range(brands)
        for number in range(count)
        if not photo_path(folder, brand, number).exists()
    ]
    with ProcessPoolExecutor() as pool:
        drawn = pool.map(partial(write_photo, folder), missing, chunksize=64)
        for _ in track(drawn, "Drawing photos", len(missing)):
            pass


def write_photo(folder: Path, photo: tuple[int, int]) -> None:
    """Write one smooth field of colours around the tint of its brand."""
    brand, number = photo
    # Blobs of a brand's own size as well: the network looks at shapes more than at colours.
    blobs = 3 + brand % 7 * 3
    tint = np.random.default_rng(brand).uniform(40, 215, 3)
    levels = np.random.default_rng([brand, number]).normal(tint, NOISE, (blobs, blobs, 3))
    image = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
    path = photo_path(folder, brand, number)
    unfinished = path.with_suffix(".part")
    image.resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(unfinished, "JPEG", quality=QUALITY)
    unfinished.replace(path)


def photo_path(folder: Path, brand: int, number: int) -> Path:
    return folder / f"brand{brand:02}" / f"{number:04}.jpg"


def forget(folder: Path) -> None:
    """Remove what an earlier run left that would save this one work."""
    for name in ("build", "releases", "work"):
        shutil.rmtree(folder / name, ignore_errors=True)


def train(folder: Path, recipe: str) -> struct_rusage:
    """Train in a process of its own, tell its steps as they end, and return what it used."""
    command = [sys.executable, "-m", "model_code", "train", "photos", "--work", "work"]
    # In `folder`, so that the vectors that it keeps are apart from those of real photos.
    process = subprocess.Popen(
        [*command, "--releases", "releases", "--recipe", recipe],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in timed(process.stdout or ()):
        print(line, flush=True)
    _, status, usage = os.wait4(process.pid, 0)  # unlike RUSAGE_CHILDREN, of this one alone
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(code)
    return usage


def timed(lines: Iterator[str] | tuple[()]) -> Iterator[str]:
    """Put before each line how many seconds after the one before it came."""
    before = time.perf_counter()
    for line in lines:
        now = time.perf_counter()
        yield f"{now - before:7.1f} s  {line.rstrip()}"
        before = now


def show(photos: int, seconds: float, usage: struct_rusage) -> None:
    cpu = usage.ru_utime + usage.ru_stime  # of all cores; it stays the same on a busy machine
    peak = usage.ru_maxrss * KILOBYTE / GIGABYTE
    print(f"\n{'photos':>8}{'seconds':>10}{'s / 1,000':>12}{'CPU s':>10}{'peak GB':>10}")
    per_thousand = 1000 * seconds / photos
    print(f"{photos:>8,}{seconds:>10.0f}{per_thousand:>12.1f}{cpu:>10.0f}{peak:>10.2f}")


if __name__ == "__main__":
    main()
