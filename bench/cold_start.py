"""What a cold start loads: our Lambda's zip against the usual one (numpy, Pillow, boto3).

`python -m bench.cold_start build/demo/releases/latest`
"""

import argparse
import compileall
import importlib.metadata
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from model_code.bundle import bundle

RUNS = 9
# boto3 and what it needs; the Lambda runtime has a boto3 too, but not a pinned one.
USUAL = ["numpy", "pillow", "boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six",
         "urllib3"]  # fmt: skip
USUAL_HANDLER = """
import io
import boto3
import numpy
from PIL import Image
CLIENT = boto3.client("sagemaker-runtime")
"""


def usual_bundle(folder: Path) -> None:
    """Lay out the zip of a handler as tutorials have it, from this machine's packages."""
    for name in USUAL:
        for file in importlib.metadata.files(name) or []:
            if ".." not in file.parts and file.suffix != ".pyc":
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), folder / file)
    (folder / "handler.py").write_text(USUAL_HANDLER)


def import_seconds(folder: Path) -> float:
    """Time a bare interpreter that imports the handler and ends."""
    environment = {
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "ENDPOINT_NAME": "none",
        "RELEASE_FILE": str(folder / "release.json"),
        "STAGE": "none",
        "PATH": os.environ["PATH"],
    }
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); import handler"
    start = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-S", "-B", "-c", code], env=environment, check=True)
    return time.perf_counter() - start


def compare(ours: Path, usual: Path) -> tuple[float, float]:
    """Return the median seconds of both, run in turn, so that a busy machine slows both."""
    pairs = [(import_seconds(ours), import_seconds(usual)) for _ in range(RUNS)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def zip_bytes(folder: Path) -> int:
    """Return the size of the folder as a zip."""
    with TemporaryDirectory() as temporary:
        archive = shutil.make_archive(str(Path(temporary) / "bundle"), "zip", folder)
        return Path(archive).stat().st_size


def show(what: str, ours: float, usual: float, unit: str) -> None:
    print(f"{what:<34}{ours:>9.2f}{usual:>9.2f} {unit:<3}{usual / ours:>7.1f}x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("release", type=Path)
    release = parser.parse_args().release
    with TemporaryDirectory() as temporary:
        ours, usual = Path(temporary) / "ours", Path(temporary) / "usual"
        for folder in (ours, usual):
            folder.mkdir()
        bundle(release, "host", ours)
        usual_bundle(usual)
        print(f"{'':<34}{'ours':>9}{'usual':>9}")
        show("zip", zip_bytes(ours) / 1e6, zip_bytes(usual) / 1e6, "MB")
        show("import, as zipped (no .pyc)", *compare(ours, usual), "s")
        for folder in (ours, usual):
            compileall.compile_dir(folder, quiet=1)
        show("import, compiled", *compare(ours, usual), "s")


if __name__ == "__main__":
    main()
