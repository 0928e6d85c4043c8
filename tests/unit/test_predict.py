"""`predict`: what it shows, which photos it takes, and an endpoint that answers nonsense."""

import shutil
from pathlib import Path

import pytest

from model_code import aws
from model_code.__main__ import main
from model_code.features import calibrate
from model_code.release import read_release
from tests.unit.conftest import FakeRuntime


def test_predict_tells_actual_and_predicted(
    photo_folder: Path, release_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", str(photo_folder), "--release", str(release_folder)]) == 0
    shown = capsys.readouterr().out
    assert release_folder.name in shown
    assert "of 36 right" in shown


def test_predict_shows_one_photo_by_brand(
    photo_folder: Path, release_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = photo_folder / "nene" / "0.png"
    assert main(["predict", str(photo), "--release", str(release_folder)]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if "│" in line]
    assert "nene" in rows[0]
    assert len(rows) == 3


def test_predict_names_the_file_that_is_no_photo(
    release_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.jpg").write_text("no photo")
    assert main(["predict", str(tmp_path), "--release", str(release_folder)]) == 1
    assert "text.jpg" in capsys.readouterr().err


def test_predict_answers_the_photos_beside_a_bad_file(
    photo_folder: Path, release_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.jpg").write_text("no photo")
    photos = [str(tmp_path / "text.jpg"), str(photo_folder / "nene" / "0.png")]
    assert main(["predict", *photos, "--release", str(release_folder)]) == 1
    shown = capsys.readouterr()
    assert "nene/0.png" in shown.out
    assert "text.jpg" in shown.err


@pytest.mark.parametrize(
    ("photo", "url", "message"),
    [
        ("nowhere.jpg", "http://127.0.0.1:9", "nowhere.jpg: cannot be read"),
        ("here.jpg", "http://127.0.0.1:9", "http://127.0.0.1:9 does not answer"),
        ("here.jpg", "127.0.0.1:9", "127.0.0.1:9 is not the URL of an API"),
    ],
)
def test_predict_tells_a_missing_photo_from_a_missing_api(
    photo: str, url: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("here.jpg").write_bytes(b"whatever")
    assert main(["predict", photo, "--url", url]) == 1
    assert message in capsys.readouterr().err


def test_no_photos_to_predict_is_an_error(
    release_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", str(tmp_path), "--release", str(release_folder)]) == 1
    assert "no photos" in capsys.readouterr().err


def test_hidden_files_are_passed_over_as_in_training(
    photo_folder: Path, release_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".cache").mkdir()
    for name in (".DS_Store", ".cache/text.jpg"):
        (tmp_path / name).write_text("no photo")
    shutil.copy(photo_folder / "nene" / "0.png", tmp_path / "0.png")
    assert main(["predict", str(tmp_path), "--release", str(release_folder)]) == 0
    assert not capsys.readouterr().err


@pytest.mark.parametrize("copies", [1, 2])
def test_names_are_shown_and_not_taken_for_markup(
    copies: int,
    photo_folder: Path,
    release_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "[red]"
    folder.mkdir()
    for number in range(copies):
        shutil.copy(photo_folder / "nene" / "0.png", folder / f"[b] {number} [bold")
    assert main(["predict", str(folder), "--release", str(release_folder)]) == 0
    shown = capsys.readouterr().out
    assert "[red]/[b] 0 [bold" in shown
    assert all(line == line.rstrip() for line in shown.splitlines())


@pytest.fixture
def endpoint(runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    monkeypatch.setattr(aws, "client", lambda service: runtime)
    return runtime


def ask_endpoint(photo_folder: Path, release_folder: Path) -> int:
    photo = str(photo_folder / "nene" / "0.png")
    return main(["predict", photo, "--release", str(release_folder), "--endpoint", "some-endpoint"])


def test_an_endpoint_is_asked_and_its_answer_shown(
    photo_folder: Path,
    release_folder: Path,
    endpoint: FakeRuntime,
    capsys: pytest.CaptureFixture[str],
) -> None:
    endpoint.scores = [0.25, 0.125, 0.625]
    temperature = read_release(release_folder).confidence.temperature
    assert ask_endpoint(photo_folder, release_folder) == 0
    assert f"{max(calibrate(endpoint.scores, temperature)):.3f}" in capsys.readouterr().out
    assert len(endpoint.rows) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b'{"predictions": []}',
        b'{"predictions": [{}]}',
        b'{"predictions": [{"score": [1.0]}]}',
        b'{"predictions": [{"score": ["a", "b", "c"]}]}',
        b'{"predictions": [{"score": [NaN, 0.5, 0.5]}]}',
        b'{"predictions": [{"score": [-1, 1, 1]}]}',
        b'{"predictions": [{"score": [0.9, 0.9, 0.9]}]}',
        b'{"predictions": [{"score": [1, 0, 1' + b"0" * 400 + b"]}]}",
    ],
    ids=lambda body: body[:50],
)
def test_an_endpoint_that_answers_nonsense_is_an_error(
    body: bytes,
    photo_folder: Path,
    release_folder: Path,
    endpoint: FakeRuntime,
    capsys: pytest.CaptureFixture[str],
) -> None:
    endpoint.body = body
    assert ask_endpoint(photo_folder, release_folder) == 1
    message = "error: Endpoint some-endpoint answered what is no probability for each of 3 brands"
    assert capsys.readouterr().err.startswith(message)


def test_an_endpoint_of_another_release_is_named(
    photo_folder: Path,
    release_folder: Path,
    endpoint: FakeRuntime,
    capsys: pytest.CaptureFixture[str],
) -> None:
    endpoint.variant = "another"
    assert ask_endpoint(photo_folder, release_folder) == 1
    assert "Endpoint some-endpoint serves release another" in capsys.readouterr().err
