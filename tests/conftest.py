"""Small photos of three brands, and releases of them: trained once for all tests."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from xdist.scheduler import LoadScopeScheduling

from model_code.__main__ import main

# No test may reach a real account, whatever the machine has.
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ.pop("CHICKLEARNING_API_KEY", None)  # nor send a real key

TESTS = Path(__file__).parent
OWN_CLOUD = ("test_keys",)  # brings one of its own, so it need not wait for the others
BRANDS = {"BBQ": (200, 140, 50), "교촌": (110, 60, 20), "nene": (190, 50, 30)}
PHOTOS = 12  # a brand


def draw_photos(folder: Path, seed: int) -> Path:
    """Write `<folder>/<brand>/<number>.png`: noise in a brand's colour."""
    rng = np.random.default_rng(seed)
    for brand, color in BRANDS.items():
        (folder / brand).mkdir(parents=True)
        for number in range(PHOTOS):
            pixels = np.clip(rng.normal(color, 40, (48, 56, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / brand / f"{number}.png")
    return folder


class ByCloud(LoadScopeScheduling):  # type: ignore[misc]
    """Two processes share the tests: those of the one local cloud, and all others.

    pytest-xdist 3.8 has marks for groups, but with pytest 9.2 it does not see them.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = Path(nodeid.partition("::")[0])
        return "local" if "local" in path.parts and path.stem not in OWN_CLOUD else "others"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByCloud:
    return ByCloud(config, log)


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_photos(tmp_path_factory.mktemp("data") / "photos", seed=1)


@pytest.fixture(scope="session")
def train_release(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Train on a folder of photos by the command line; return the release's folder."""

    def train(photos: Path, *options: str) -> Path:
        base = tmp_path_factory.mktemp("training")
        folders = ["--work", str(base / "work"), "--releases", str(base / "releases")]
        assert main(["train", str(photos), *folders, *options]) == 0
        return (base / "releases" / "latest").resolve()

    return train


@pytest.fixture(scope="session")
def release_folder(train_release: Callable[..., Path], photo_folder: Path) -> Path:
    return train_release(photo_folder)


@pytest.fixture(scope="session")
def pixels_release_folder(train_release: Callable[..., Path], photo_folder: Path) -> Path:
    """Return a release of the recipe of 2019."""
    return train_release(photo_folder, "--recipe", "pixels")


@pytest.fixture(scope="session")
def other_release_folder(
    train_release: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a release of other photos of the same brands, and of the other recipe."""
    photos = draw_photos(tmp_path_factory.mktemp("other") / "photos", seed=2)
    return train_release(photos, "--recipe", "pixels")
