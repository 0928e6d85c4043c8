"""The Lambda's zip as a folder: its modules, the shared features package, the release, packages.

`python -m stacks.bundle` fetches the packages once; bundling only copies, so that synth needs no
network and no Docker.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parents[1]
PACKAGES = ROOT / "build" / "packages"
REQUIREMENTS = ROOT / "lambda" / "requirements.txt"

# `aws` is Lambda's Python and architecture; `host` is this machine, whose interpreter runs the
# Lambda in the local cloud.
Target = Literal["aws", "host"]
PIP_OPTIONS: dict[Target, list[str]] = {
    "aws": [
        "--python-version=3.13",
        "--platform=manylinux_2_28_aarch64",
        "--platform=manylinux2014_aarch64",
    ],
    "host": [],
}
SERVICE = "sagemaker-runtime"  # the only AWS API that the Lambda calls


def bundle(release_folder: Path, target: Target, into: Path) -> None:
    """Lay out the Lambda's zip in the folder `into`.

    Raises
    ------
    FileNotFoundError
        The packages of `target` were not fetched yet.
    """
    packages = PACKAGES / target
    if not packages.is_dir():
        raise FileNotFoundError(f"{packages} is missing. Fetch it: python -m stacks.bundle")
    _copy(packages, into)
    _copy(ROOT / "lambda", into)
    _copy(ROOT / "model_code" / "features", into / "model_code" / "features")
    shutil.copy(ROOT / "model_code" / "__init__.py", into / "model_code")
    shutil.copy(release_folder / "release.json", into)


def fetch() -> None:
    """Install the Lambda's packages for both targets below `build/packages`."""
    for target, options in PIP_OPTIONS.items():
        folder = PACKAGES / target
        shutil.rmtree(folder, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
        command += ["--only-binary=:all:", f"--target={folder}", f"--requirement={REQUIREMENTS}"]
        subprocess.run([*command, *options], check=True)
        _prune(folder)


def _prune(packages: Path) -> None:
    """Drop the API descriptions of the other 400 AWS services, nine tenths of botocore."""
    for service in (packages / "botocore" / "data").iterdir():
        if service.is_dir() and service.name != SERVICE:
            shutil.rmtree(service)


def _copy(source: Path, into: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__", "bin", "requirements.txt")
    shutil.copytree(source, into, dirs_exist_ok=True, ignore=ignore)


if __name__ == "__main__":
    fetch()
