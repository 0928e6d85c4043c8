"""The snippets of docs/api.md, as they stand there, against the deployed API."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.local.conftest import ROOT, Deployment

PAGE = ROOT / "docs" / "api.md"
COMMANDS = {"sh": ["bash", "-euo", "pipefail"], "python": [sys.executable], "js": ["node"]}
BRAND = "(BBQ|교촌|nene)"
PRINTED = {
    "sh": r'(.*"confident".*\n?){3}',  # the form's two answers are in one line
    "python": rf"{BRAND}\n{BRAND}\nThe bytes are not a photo\..*\n{BRAND}\n",
    "js": rf"{BRAND}\n\[ '{BRAND}', '{BRAND}' \]\n{BRAND}\n[0-9a-f]{{16}}\n",
}
SUFFIXES = {"js": ".mjs"}  # which lets Node await


def snippet(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    return str(found)


@pytest.fixture
def folder(tmp_path: Path, photo_folder: Path) -> Path:
    """Return a folder with the photos that the snippets send."""
    for name, brand in (("photo", "BBQ"), ("another", "nene")):
        with Image.open(photo_folder / brand / "0.png") as image:
            image.save(tmp_path / f"{name}.jpg")
    large = Image.effect_noise((4000, 3000), 90).convert("RGB")
    large.save(tmp_path / "large.jpg", quality=95)
    assert (tmp_path / "large.jpg").stat().st_size > 4_500_000
    return tmp_path


@pytest.mark.parametrize("language", COMMANDS)
def test_the_snippet_runs_and_is_answered(
    deployment: Deployment, folder: Path, language: str
) -> None:
    script = folder / f"snippet{SUFFIXES.get(language, '')}"
    script.write_text(snippet(language), encoding="utf-8")
    result = subprocess.run(
        [*COMMANDS[language], str(script)],
        cwd=folder,
        env={**os.environ, "URL": deployment.url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert re.fullmatch(PRINTED[language], result.stdout), result.stdout
