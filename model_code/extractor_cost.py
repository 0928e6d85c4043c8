"""What an extractor costs where it serves: time a photo, size of the Lambda, its cold import."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from model_code.bundle import lay_out
from model_code.dataset import Photo
from model_code.features import load_extractor
from model_code.network import NETWORK

PHOTOS = 32  # to time, about; of all brands
STARTS = 3
# All that the handler imports, and the extractor as it loads it.
COLD_START = """
import sys; sys.path.append('.')
import botocore.session, endpoint, pathlib, photo_request
from model_code.features import load_extractor
load_extractor({extractor!r}, pathlib.Path())
"""


class ExtractorCost(NamedTuple):
    """Measured on this machine, on one thread."""

    photos_per_second: float
    lambda_megabytes: float  # the zip
    import_seconds: float  # a bare interpreter that loads all but the release, files not compiled


def extractor_cost(extractor: str, photos: Sequence[Photo]) -> ExtractorCost:
    """Read some photos, and start the Lambda's code a few times."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "lambda"
        folder.mkdir()
        lay_out(extractor, NETWORK, "host", folder)
        archive = shutil.make_archive(str(Path(temporary) / "lambda"), "zip", folder)
        return ExtractorCost(
            _photos_per_second(extractor, photos[:: max(len(photos) // PHOTOS, 1)]),
            Path(archive).stat().st_size / 1e6,
            statistics.median(_start(extractor, folder) for _ in range(STARTS)),
        )


def _photos_per_second(extractor: str, photos: Sequence[Photo]) -> float:
    extract = load_extractor(extractor, NETWORK)
    contents = [photo.path.read_bytes() for photo in photos]
    extract(contents[0])  # the first one fills caches
    start = time.perf_counter()
    for content in contents:
        extract(content)
    return len(contents) / (time.perf_counter() - start)


def _start(extractor: str, folder: Path) -> float:
    command = [sys.executable, "-I", "-S", "-B", "-c", COLD_START.format(extractor=extractor)]
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env={"PATH": os.environ["PATH"]}, check=True)
    return time.perf_counter() - start
