"""`cdk synth` as a person meets it: without account, network or xgboost, and its refusals."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infrastructure.conftest import ROOT, run_synth


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"stage": "test"}, "error: -c stage=test: use one of dev, prod."),
        ({"stage": ""}, "error: -c stage= is empty: name one, or leave it out for dev."),
        ({"release": ""}, "error: -c release= is empty: name one, or leave it out"),
        ({"auht": "key"}, "error: -c auht=key: There is no such setting; did you mean auth"),
        ({"packages": "mine"}, "error: -c packages=mine: use one of aws, host."),
    ],
)
def test_a_wrong_setting_is_refused_with_the_right_ones(
    tmp_path: Path, release_folder: Path, context: dict[str, str], message: str
) -> None:
    result = run_synth(tmp_path, **{"release": str(release_folder), **context})
    assert result.returncode != 0
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_missing_release_is_refused_with_the_command_that_makes_one(tmp_path: Path) -> None:
    result = run_synth(tmp_path, tmp_path / "nowhere")
    assert result.returncode != 0
    assert "python -m model_code train" in result.stderr
    assert "Traceback" not in result.stderr


def test_without_a_release_nothing_can_be_deployed(tmp_path: Path) -> None:
    result = run_synth(tmp_path, Path("none"))
    assert result.returncode != 0
    assert "-c release=none is for `cdk destroy` and `cdk bootstrap`" in result.stderr


def test_a_release_that_would_answer_wrongly_is_refused(
    tmp_path: Path, release_folder: Path
) -> None:
    folder = tmp_path / "edited"
    shutil.copytree(release_folder, folder)
    document = json.loads((folder / "release.json").read_text())
    document["selection"].pop()
    (folder / "release.json").write_text(json.dumps(document))
    result = run_synth(tmp_path / "out", folder)
    assert result.returncode != 0
    assert "it was edited" in result.stderr
    assert not list((tmp_path / "out").glob("*.template.json"))


def test_synth_needs_nothing_that_trains(release_folder: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules.update(xgboost=None, sklearn=None, matplotlib=None);"
        "from cdk_app.app import main; sys.exit(main())"
    )
    context = json.dumps({"release": str(release_folder)})
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            "CDK_CONTEXT_JSON": context,
            "CDK_OUTDIR": str(tmp_path),
            "PATH": str(Path(sys.executable).parent),  # Node is there too
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert list(tmp_path.glob("*-Service.template.json"))
