"""Places that cannot be written to, and readers that leave: one line, exit 1."""

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from model_code.__main__ import main


def draw(
    folder: Path, stdout: IO[str] | int, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command that prints one line."""
    return subprocess.run(
        [sys.executable, "-m", "model_code", "samples", str(folder), "--photos-per-brand=1"],
        env={**os.environ, **environment},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["samples", "file"], "file/BBQ: Not a directory."),
        (["extract", "{photos}", "--work", "file"], "file: File exists."),
        (["train", "{photos}", "--releases", "file"], "file: File exists."),
        (["train", "x" * 300], f"{'x' * 300}: File name too long."),
        (["predict", "x" * 300, "--release", "{release}"], f"{'x' * 300}: File name too long."),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else "",
)
def test_a_place_that_is_of_no_use_is_named(
    arguments: list[str],
    message: str,
    photo_folder: Path,
    release_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    places = {"photos": photo_folder, "release": release_folder}
    assert main([argument.format(**places) for argument in arguments]) == 1
    assert capsys.readouterr().err == f"error: {message}\n"


def test_a_folder_where_latest_belongs_is_named(
    photo_folder: Path,
    release_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / release_folder.name).symlink_to(release_folder)
    (tmp_path / "latest").mkdir()
    assert main(["train", str(photo_folder), "--releases", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"error: {tmp_path / 'latest'}: Is a directory.\n"


def test_a_folder_that_cannot_be_listed_is_named(
    photo_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tests may run as root, who can list all: so the listing itself is made to fail."""

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert main(["train", str(photo_folder)]) == 1
    assert capsys.readouterr().err == f"error: {photo_folder}: Permission denied.\n"


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_a_reader_that_leaves_ends_it_quietly(unbuffered: str, tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "w") as nobody:
        result = draw(tmp_path, stdout=nobody, PYTHONUNBUFFERED=unbuffered)
    assert (result.returncode, result.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has such a device")
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_output_that_cannot_be_written_is_one_error(unbuffered: str, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        result = draw(tmp_path, stdout=full, PYTHONUNBUFFERED=unbuffered)
    assert (result.returncode, result.stderr) == (1, "error: No space left on device.\n")


def test_a_name_that_the_terminal_cannot_show_is_escaped(tmp_path: Path) -> None:
    result = draw(tmp_path / "닭", stdout=subprocess.PIPE, PYTHONIOENCODING="ascii")
    assert result.returncode == 0, result.stderr
    assert "\\ub2ed" in result.stdout
