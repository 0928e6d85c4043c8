"""`predict --output`: a row a photo, in order, never twice, and on after whatever stopped it."""

import csv
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from model_code import aws
from model_code.__main__ import main
from model_code.predict import by_release
from tests.conftest import BRANDS

COLUMNS = [
    *("path", "brand", "name", "confident", "probability"),
    *(f"probability {brand}" for brand in sorted(BRANDS)),
    *("release", "error"),
]
Predict = Callable[..., int]


@pytest.fixture
def photos(photo_folder: Path, tmp_path: Path) -> Path:
    """Photos at several depths, what is no photo among them, and what is passed over."""
    folder = tmp_path / "photos"
    deep = folder / "b" / "deeper"
    deep.mkdir(parents=True)
    (folder / ".hidden").mkdir()
    for number, place in enumerate((folder / "a.png", deep / "c.png", folder / ".hidden/d.png")):
        shutil.copy(photo_folder / "nene" / f"{number}.png", place)
    (folder / "b" / "bad.jpg").write_text("no photo")
    (folder / "brands.json").write_text("{}")
    return folder


@pytest.fixture
def predict(release_folder: Path) -> Predict:
    def run(place: Path | str, output: Path, *options: str) -> int:
        release = ["--release", str(release_folder)]
        return main(["predict", str(place), *release, "--output", str(output), *options])

    return run


def rows_of(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".jsonl":
        return list(map(json.loads, path.read_text().splitlines()))
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def names(path: Path) -> list[str]:
    return [Path(row["path"]).name for row in rows_of(path)]


def test_a_folder_of_any_depth_becomes_a_table(
    photos: Path, predict: Predict, release_folder: Path, tmp_path: Path
) -> None:
    output = tmp_path / "to" / "answers.csv"
    assert predict(photos, output) == 1  # one of them is no photo
    rows = rows_of(output)
    assert list(rows[0]) == COLUMNS
    assert names(output) == ["a.png", "bad.jpg", "c.png"]
    answer = by_release(release_folder)(photos / "a.png")
    brand, probability = answer.ranking[0]
    assert rows[0]["brand"] == brand
    assert float(rows[0]["probability"]) == pytest.approx(probability)
    assert rows[0]["confident"] == str(answer.confident)
    scores = {brand: float(rows[0][f"probability {brand}"]) for brand in BRANDS}
    assert scores == pytest.approx(answer.probabilities)
    assert {row["release"] for row in rows} == {release_folder.name}


def test_a_bad_photo_is_a_row_with_its_error(
    photos: Path, predict: Predict, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predict(photos, tmp_path / "answers.csv")
    _, bad, _ = rows_of(tmp_path / "answers.csv")
    assert "photo" in bad["error"]
    assert not bad["brand"] and not bad["probability"]
    assert "3 photos in" in (told := capsys.readouterr().out)
    assert "1 of them have an error" in told


def test_json_lines_say_the_same(photos: Path, predict: Predict, tmp_path: Path) -> None:
    predict(photos, tmp_path / "answers.csv")
    assert predict(photos, tmp_path / "answers.jsonl") == 1
    first, bad, _ = rows_of(tmp_path / "answers.jsonl")
    in_table = rows_of(tmp_path / "answers.csv")[0]
    assert list(first["probabilities"]) == sorted(BRANDS)
    assert (first["brand"], first["error"]) == (in_table["brand"], None)
    assert (bad["brand"], bad["probabilities"]) == (None, None)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_second_run_adds_what_is_new_and_nothing_twice(
    suffix: str, photos: Path, photo_folder: Path, predict: Predict, tmp_path: Path
) -> None:
    output = tmp_path / f"answers{suffix}"
    predict(photos, output)
    before = output.read_bytes()
    assert predict(photos, output) == 1  # the row with the error is still there
    assert output.read_bytes() == before
    shutil.copy(photo_folder / "BBQ" / "0.png", photos / "0 new.png")
    predict(photos, output)
    assert output.read_bytes().startswith(before)
    assert names(output)[3:] == ["0 new.png"]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_half_written_line_is_dropped_wherever_it_was_cut(
    suffix: str, photos: Path, predict: Predict, tmp_path: Path
) -> None:
    (photos / "b" / "bad.jpg").rename(photos / "b" / 'a "name",\nof two lines.jpg')
    output = tmp_path / f"answers{suffix}"
    predict(photos, output)
    whole = output.read_bytes()
    for cut in {*range(0, len(whole), 101), *range(len(whole) - 4, len(whole))}:
        output.write_bytes(whole[:cut])
        assert predict(photos, output) == 1
        assert output.read_bytes() == whole


def test_a_run_that_was_killed_goes_on(
    release_folder: Path, photo_folder: Path, predict: Predict, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(200):
        shutil.copy(photo_folder / "nene" / f"{number % 12}.png", photos / f"{number:03}.png")
    output = tmp_path / "answers.csv"
    arguments = ["predict", photos, "--release", release_folder, "--output", output]
    command = [sys.executable, "-m", "model_code", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while not output.exists() or output.read_bytes().count(b"\n") < 10:
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
    killed = output.read_bytes()
    assert killed.count(b"\n") < 200
    assert predict(photos, output) == 0
    assert output.read_bytes().startswith(killed[: killed.rfind(b"\n") + 1])
    assert names(output) == [f"{number:03}.png" for number in range(200)]


def test_two_runs_do_not_write_one_file(
    photos: Path, predict: Predict, tmp_path: Path, release_folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from model_code.batch.answers import open_answers
    from model_code.predict import Prepared

    with open_answers(tmp_path / "answers.csv", Prepared(release_folder).served()):
        assert predict(photos, tmp_path / "answers.csv") == 1
    assert "Another run writes" in capsys.readouterr().err


def test_a_photo_that_is_named_twice_has_one_row(
    photos: Path, release_folder: Path, tmp_path: Path
) -> None:
    output = tmp_path / "answers.csv"
    places = [str(photos / "a.png"), str(photos), str(photos / "a.png")]
    main(["predict", *places, "--release", str(release_folder), "--output", str(output)])
    assert names(output) == ["a.png", "bad.jpg", "c.png"]


def test_the_file_of_answers_is_no_photo(photos: Path, predict: Predict) -> None:
    predict(photos, photos / "answers.csv")
    predict(photos, photos / "answers.csv")
    assert names(photos / "answers.csv") == ["a.png", "bad.jpg", "c.png"]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_file_of_another_release_is_left_alone(
    suffix: str, photos: Path, predict: Predict, other_release_folder: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    output = tmp_path / f"answers{suffix}"
    predict(photos, output)
    before = output.read_bytes()
    assert predict(photos, output, "--release", str(other_release_folder)) == 1
    assert f"{output} was begun with release" in capsys.readouterr().err
    assert output.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("answers.csv", b"path,brand\r\na.jpg,nene\r\n"),
        ("answers.csv", b"a diary"),
        ("answers.csv", b"\x00\xff\n\x80"),
        ("answers.csv", b'"' * 5),
        ("answers.csv", ",".join(COLUMNS).encode() + b'\r\n"a"b,\r\nmore\r\n'),
        ("answers.csv", ",".join(COLUMNS).encode() + b"\r\nshort,row\r\n"),
        ("answers.jsonl", b'{"some": "object"}\n'),
        ("answers.jsonl", b"[1, 2]\n"),
        (
            "answers.jsonl",
            json.dumps(dict.fromkeys([*COLUMNS[:5], "probabilities", *COLUMNS[-2:]])).encode()
            + b"\n",
        ),
        ("answers.jsonl", b"a diary"),
        ("answers.jsonl", b"[" * 100_000 + b"\n"),
        ("answers.jsonl", b'{"path": "a.jpg", "label": "nene"}'),
        ("answers.jsonl", b'{"path": "' + b"a" * 20 + b'", "label": ' + b"[" * 100_000),
        ("answers.jsonl", b'{"path":"a.jpg",\r"label":"nene"}'),
        ("answers.jsonl", b'{"path":'),
        ("answers.jsonl", b"{"),
    ],
    ids=lambda value: value[:30] if isinstance(value, bytes) else value,
)
def test_a_file_of_something_else_is_left_alone(
    name: str, content: bytes, photos: Path, predict: Predict, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / name).write_bytes(content)
    assert predict(photos, tmp_path / name) == 1
    assert "is not a file of answers" in capsys.readouterr().err
    assert (tmp_path / name).read_bytes() == content


@pytest.mark.parametrize(
    ("output", "message"),
    [("answers.txt", "neither .csv nor .jsonl"), ("folder.csv", "folder.csv: Is a directory")],
)
def test_an_output_that_cannot_be_is_refused(
    output: str, message: str, photos: Path, predict: Predict, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "folder.csv").mkdir()
    assert predict(photos, tmp_path / output) == 1
    assert message in capsys.readouterr().err


def test_an_empty_folder_is_an_error_and_writes_nothing(
    predict: Predict, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photos").mkdir()
    assert predict(tmp_path / "photos", tmp_path / "answers.csv") == 1
    assert "There are no photos there" in capsys.readouterr().err
    assert not (tmp_path / "answers.csv").exists()


def test_a_path_that_is_no_text_is_kept(
    photos: Path, photo_folder: Path, predict: Predict, tmp_path: Path
) -> None:
    shutil.copy(photo_folder / "nene" / "3.png", photos / "\udcff.png")  # the byte 0xff
    for suffix in (".csv", ".jsonl"):
        output = tmp_path / f"answers{suffix}"
        predict(photos, output)
        before = output.read_bytes()
        assert b"/\xff.png" in before
        predict(photos, output)
        assert output.read_bytes() == before


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_name_is_a_formula_in_a_spreadsheet(
    start: str, photo_folder: Path, release_folder: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    name = f"{start}HYPERLINK(1).png"
    shutil.copy(photo_folder / "nene" / "0.png", tmp_path / name)
    monkeypatch.chdir(tmp_path)
    command = ["predict", "--release", str(release_folder), "--output", "answers.csv"]
    for _ in range(2):
        assert main([*command, "--", name]) == 0
        (row,) = rows_of(Path("answers.csv"))
        assert (row["path"], row["error"]) == (f"./{name}", "")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("s3", region_name="ap-northeast-2")
    monkeypatch.setattr(aws, "client", lambda service: client)
    with Stubber(client) as stubber:
        yield stubber


def test_a_bucket_that_is_not_there_is_named(
    s3: Stubber, predict: Predict, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.add_client_error("list_objects_v2", "NoSuchBucket")
    assert predict("s3://nowhere/photos", tmp_path / "answers.csv") == 1
    assert "Could not list s3://nowhere/photos" in capsys.readouterr().err
