"""The command line: help that helps, errors in one line, exit codes that mean something."""

import subprocess
import sys
from pathlib import Path

import pytest

from model_code.__main__ import main

COMMANDS = ["samples", "train", "extract", "select", "fit", "evaluate", "sweep", "release",
            "upload", "predict", "replay", "empty"]  # fmt: skip


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "model_code", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_the_commands_and_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom model_code.__main__ import main\n"
        "try: main(['--help'])\n"
        "finally: assert not {'numpy', 'xgboost', 'boto3', 'sklearn'} & set(sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert all(command in result.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 5


@pytest.mark.parametrize("arguments", [[], ["bake"], ["train"], ["train", "x", "--seed", "y"]])
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    assert run(*arguments).returncode == 2


@pytest.mark.parametrize("command", ["train", "extract", "samples"])
@pytest.mark.parametrize("seed", ["-1", str(2**32), "1e3", "9" * 5000, "nan"])
def test_a_seed_that_scikit_learn_does_not_take_is_wrong_usage(
    command: str, seed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([command, "here", f"--seed={seed}"])
    assert f"{seed} is no whole number from 0 to 4294967295" in capsys.readouterr().err


@pytest.mark.parametrize("number", ["-1", "0", "10001", "many"])
def test_a_number_of_samples_out_of_range_is_wrong_usage(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["samples", "here", "--photos-per-brand", number])
    assert f"{number} is no whole number from 1 to 10000" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["predict", "photo.jpg", "--url", ""],
        ["predict", "photo.jpg", "--url="],
        ["predict", "photo.jpg", "--endpoint", ""],
        ["upload", "releases/latest", "--bucket", ""],
        ["replay", "releases/latest", "--stack", ""],
        ["train", ""],
    ],
    ids=" ".join,
)
def test_an_empty_value_is_wrong_usage_and_stands_for_nothing_else(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "an argument is empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "nowhere"],
        ["extract", "nowhere"],
        ["select", "--work", "nowhere"],
        ["fit", "--work", "nowhere"],
        ["evaluate", "--work", "nowhere"],
        ["sweep", "--work", "nowhere"],
        ["release", "--work", "nowhere"],
        ["predict", "nowhere.jpg"],
        ["upload", "nowhere", "--bucket", "some-bucket"],
        ["replay", "nowhere", "--url", "http://127.0.0.1:9"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_cannot_be_done_is_one_error_and_exit_1(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-2")
    assert main(arguments) == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_the_steps_one_by_one_make_the_release_of_train(
    photo_folder: Path, release_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["extract", str(photo_folder)]) == 0
    for step in ("select", "fit", "calibrate", "evaluate", "sweep", "release"):
        assert main([step]) == 0
    assert (tmp_path / "releases" / "latest").resolve().name == release_folder.name


def test_a_step_that_runs_again_undoes_what_came_of_it(
    photo_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in (["extract", str(photo_folder)], ["select"], ["fit"]):
        assert main(arguments) == 0
    assert main(["extract", str(photo_folder), "--seed", "1"]) == 0
    assert main(["evaluate"]) == 1
    assert "Run first: python -m model_code select --work build/training" in capsys.readouterr().err
