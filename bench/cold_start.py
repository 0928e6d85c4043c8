"""What a cold start loads: our Lambda's zip for a release against the usual one.

The usual one has numpy, Pillow and boto3, and onnxruntime too where the release's extractor
needs it. `python -m bench.cold_start build/demo/releases/latest`
"""

import argparse
import compileall
import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.timing import medians
from model_code.bundle import bundle
from model_code.features import EXTRACTORS
from model_code.release import read_release

RUNS = 9
# boto3 and what it needs; the Lambda runtime has a boto3 too, but not a pinned one.
USUAL = ["numpy", "pillow", "boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six",
         "urllib3"]  # fmt: skip
NETWORK_USUAL = ["onnxruntime", "flatbuffers", "packaging", "protobuf"]  # what it needs as well
HANDLER = """
import io
import boto3
import numpy
from PIL import Image
CLIENT = boto3.client("sagemaker-runtime")
"""
NETWORK_HANDLER = """
import os
from pathlib import Path
import onnxruntime
WEIGHTS = Path(os.environ["RELEASE_FILE"]).with_name("{weights}")
SESSION = onnxruntime.InferenceSession(str(WEIGHTS))
"""


def usual_bundle(release: Path, folder: Path) -> None:
    """Lay out the zip of a handler as tutorials have it, from this machine's packages."""
    weights = EXTRACTORS[read_release(release).extractor.name].weights
    copy_packages(USUAL + (NETWORK_USUAL if weights else []), folder)
    code = HANDLER
    if weights:
        shutil.copy(release / weights, folder)
        code += NETWORK_HANDLER.format(weights=weights)
    (folder / "handler.py").write_text(code)


def copy_packages(names: Iterable[str], folder: Path) -> None:
    for name in names:
        for file in importlib.metadata.files(name) or []:
            if ".." not in file.parts and file.suffix != ".pyc":
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), folder / file)


def import_handler(folder: Path) -> None:
    """Run a bare interpreter that imports the handler and ends."""
    environment = {
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "ENDPOINT_NAME": "none",
        "INBOX": "none",
        "RELEASE_FILE": str(folder / "release.json"),
        "STAGE": "none",
        "PATH": os.environ["PATH"],
    }
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); import handler"
    subprocess.run([sys.executable, "-I", "-S", "-B", "-c", code], env=environment, check=True)


def import_seconds(ours: Path, usual: Path) -> tuple[float, float]:
    """Return the median seconds of both."""
    sides = {folder.name: partial(import_handler, folder) for folder in (ours, usual)}
    found = medians(sides, RUNS)
    return found[ours.name], found[usual.name]


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
        usual_bundle(release, usual)
        print(f"{'':<34}{'ours':>9}{'usual':>9}")
        show("zip", zip_bytes(ours) / 1e6, zip_bytes(usual) / 1e6, "MB")
        show("import, as zipped (no .pyc)", *import_seconds(ours, usual), "s")
        for folder in (ours, usual):
            compileall.compile_dir(folder, quiet=1)
        show("import, compiled", *import_seconds(ours, usual), "s")


if __name__ == "__main__":
    main()
