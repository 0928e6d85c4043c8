"""The table of roles in docs/access.md: true, complete, and a reason in each row."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stacks.access_table import main, page
from stacks.settings import STAGES
from tests.infrastructure.conftest import ROOT, Synth

REGION = "ap-northeast-2"


def test_the_page_says_what_the_templates_say(synth_stage: Callable[..., Synth]) -> None:
    folders = [synth_stage(stage).folder for stage in STAGES]
    assert (ROOT / "docs/access.md").read_text() == page(folders, REGION), "run `make access`"


def test_no_account_stage_or_hash_is_in_the_page() -> None:
    text = (ROOT / "docs/access.md").read_text()
    assert not [word for word in ("AWS::", "-dev", "-prod", "Exports", REGION) if word in text]


@pytest.fixture
def edited(dev: Synth, tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Return a function that adds resources to the template."""

    def edit(resources: dict[str, Any]) -> Path:
        name = "ChickLearning-dev-Service.template.json"
        template = json.loads(Path(shutil.copy(dev.folder / name, tmp_path)).read_text())
        template["Resources"] |= resources
        (tmp_path / name).write_text(json.dumps(template))
        return tmp_path

    return edit


def role(**properties: Any) -> dict[str, Any]:
    trust = {"Statement": [{"Principal": {"Service": "lambda.amazonaws.com"}}]}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust, **properties},
    }


def statement(action: str) -> dict[str, Any]:
    document = {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
    return {"PolicyDocument": document}


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ({"Policies": [statement("s3:*")]}, "SomeRole may s3:* on *"),
        ({"ManagedPolicyArns": ["arn:aws:iam::aws:policy/Admin"]}, "policy/Admin"),
    ],
)
def test_a_statement_without_a_reason_is_an_error(
    edited: Callable[[dict[str, Any]], Path],
    properties: dict[str, Any],
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([str(edited({"SomeRole01234567": role(**properties)}))]) == 1
    error = capsys.readouterr().err
    assert told in error
    assert "stacks/access_reasons.py" in error


def test_a_folder_without_templates_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 1
    assert "has no template: cdk synth" in capsys.readouterr().err
