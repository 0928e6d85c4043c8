"""docs/operations.md: a test for each procedure, and commands that this repository takes."""

import ast
import re
from pathlib import Path

import pytest

from model_code.__main__ import main
from stacks.settings import settings_of

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/operations.md").read_text()
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"^## ", TEXT, flags=re.M)[1:]}
CODE = "\n".join(re.findall(r"^```\n(.*?)^```", TEXT, flags=re.M | re.S))
NOT_SETTINGS = {"stage", "release"}


def proofs(section: str) -> list[str]:
    """Return what its lines `Tested:` name."""
    paragraphs = re.findall(r"^Tested: (.*?)(?=\n\n|\Z)", section, flags=re.M | re.S)
    return [test for paragraph in paragraphs for test in re.findall(r"`([^`]+)`", paragraph)]


def is_there(test: str) -> bool:
    path, _, name = test.partition("::")
    module = ast.parse((ROOT / path).read_text())
    return name in {node.name for node in module.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("title", SECTIONS)
def test_a_procedure_names_its_test_or_says_why_there_is_none(title: str) -> None:
    tests = proofs(SECTIONS[title])
    assert tests or re.search(r"^Not run here: \w", SECTIONS[title], flags=re.M)
    assert [test for test in tests if not is_there(test)] == []


@pytest.mark.parametrize("title", SECTIONS)
def test_a_procedure_has_commands_and_says_how_it_ends(title: str) -> None:
    for part in ("```\n", "*Well:*", "*If it fails"):
        assert part in SECTIONS[title]


def test_links_lead_somewhere() -> None:
    anchors = {"#" + title.lower().replace("'", "").replace(" ", "-") for title in SECTIONS}
    for link in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert link in anchors or (ROOT / "docs" / link).is_file(), link


@pytest.mark.parametrize("line", [line for line in CODE.splitlines() if "-c " in line])
def test_settings_of_a_command_are_taken_together(line: str) -> None:
    given = dict(re.findall(r"-c (\w+)=(\S+)", line))
    overrides = {name: value for name, value in given.items() if name not in NOT_SETTINGS}
    settings_of(given.get("stage", "dev"), overrides)


def test_serverless_is_taken_where_the_stage_scales() -> None:
    """With the other setting that the page names; no line of it says so."""
    settings_of("prod", {"serverless": "true", "max_instances": "0"})


def test_make_has_the_commands() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake (\w+)", CODE):
        assert re.search(rf"^{target}:", makefile, flags=re.M), target


@pytest.mark.parametrize("command", sorted(set(re.findall(r"python -m model_code (\w+)", TEXT))))
def test_our_commands_have_the_options(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    for line in re.findall(rf"python -m model_code {command}\b(.*)", CODE):
        for option in re.findall(r" (--\w+)", line):
            assert option in told
