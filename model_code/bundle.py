"""The Lambdas' zips as folders: modules, the features package, the release, packages.

`python -m model_code.bundle` fetches the packages once; bundling only copies, so that synth
needs no network and no Docker.
"""

import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Literal

from model_code.features import EXTRACTORS
from model_code.release import DOCUMENT, Release

ROOT = Path(__file__).parents[1]
PACKAGES = ROOT / "build" / "packages"
# What every Lambda ships, and what those of an extractor ship besides.
COMMON = "common"
REQUIREMENTS = {
    COMMON: ROOT / "lambda" / "requirements.txt",
    "embedding": ROOT / "lambda" / "requirements-embedding.txt",
}

# `aws` is Lambda's Python and architecture; `host` is this machine, whose interpreter runs the
# Lambda in the local cloud.
Target = Literal["aws", "host"]
PIP_OPTIONS: dict[Target, list[str]] = {
    "aws": [
        "--python-version=3.13",
        "--platform=manylinux_2_28_x86_64",
        "--platform=manylinux2014_x86_64",
    ],
    "host": [],
}
SMOKE_TEST = "smoke_test.py"  # the one module of `lambda/` that is a Lambda of its own
SERVICES = ("s3", "sagemaker-runtime")  # the AWS APIs that the Lambda calls
# Parts of numpy and onnxruntime that serve their developers and training.
UNUSED = ("numpy/f2py", "numpy/**/tests", "numpy/**/include", "onnxruntime/transformers",
          "onnxruntime/tools", "onnxruntime/quantization", "onnxruntime/datasets")  # fmt: skip


def bundle(release_folder: Path, target: Target, into: Path) -> None:
    """Lay out the Lambda's zip for a release in the folder `into`.

    Raises
    ------
    FileNotFoundError
        The packages of `target` were not fetched yet.
    """
    extractor = Release.from_json((release_folder / DOCUMENT).read_bytes()).extractor.name
    lay_out(extractor, release_folder, target, into)
    shutil.copy(release_folder / DOCUMENT, into)


def bundle_smoke_test(release_folder: Path, into: Path) -> None:
    """Lay out the zip of the Lambda that replays a release's golden photos."""
    shutil.copy(ROOT / "lambda" / SMOKE_TEST, into)
    shutil.copy(release_folder / DOCUMENT, into)
    for golden in Release.from_json((release_folder / DOCUMENT).read_bytes()).golden:
        (into / golden.photo).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(release_folder / golden.photo, into / golden.photo)


def lay_out(extractor: str, weights_folder: Path, target: Target, into: Path) -> None:
    """Lay out all of it that depends on the extractor alone."""
    for name in (COMMON, extractor):
        if name in REQUIREMENTS:
            _copy_packages(PACKAGES / target / name, into)
    _copy(ROOT / "lambda", into)
    _copy(ROOT / "model_code" / "features", into / "model_code" / "features")
    shutil.copy(ROOT / "model_code" / "__init__.py", into / "model_code")
    if weights := EXTRACTORS[extractor].weights:
        shutil.copy(weights_folder / weights, into)


def fetch() -> None:
    """Install the Lambda's packages for both targets below `build/packages`."""
    shutil.rmtree(PACKAGES, ignore_errors=True)
    for (target, options), (name, file) in product(PIP_OPTIONS.items(), REQUIREMENTS.items()):
        folder = PACKAGES / target / name
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
        command += ["--only-binary=:all:", f"--target={folder}", f"--requirement={file}"]
        subprocess.run([*command, *options], check=True)
        _prune(folder)


def _prune(packages: Path) -> None:
    """Drop what is never loaded: nine tenths of botocore are other AWS services."""
    services = {path for path in packages.glob("botocore/data/*") if path.is_dir()}
    unused = {path for pattern in UNUSED for path in packages.glob(pattern)}
    used = {packages / "botocore" / "data" / service for service in SERVICES}
    for folder in services - used | unused:
        shutil.rmtree(folder, ignore_errors=True)  # one may lie in another


def _copy_packages(packages: Path, into: Path) -> None:
    if not packages.is_dir():
        raise FileNotFoundError(f"{packages} is missing. Fetch it: python -m model_code.bundle")
    _copy(packages, into)


def _copy(source: Path, into: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__", "bin", "requirements*.txt", SMOKE_TEST)
    shutil.copytree(source, into, dirs_exist_ok=True, ignore=ignore)


if __name__ == "__main__":
    fetch()
