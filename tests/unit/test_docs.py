"""The docs name tests as proof: they are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"((?:unit|infrastructure|local)/[\w/]+\.py)::(\w+)")
PAGES = sorted((ROOT / "docs").glob("*.md"))


def functions_of(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_test_that_a_page_names_is_there(page: Path) -> None:
    for file, name in NAMED.findall(page.read_text(encoding="utf-8")):
        assert name in functions_of(ROOT / "tests" / file), f"{page.name} names {file}::{name}"


def test_each_feature_is_proved_by_a_test() -> None:
    rows = (ROOT / "docs" / "features.md").read_text(encoding="utf-8").splitlines()
    features = [row for row in rows if row.startswith("| ")][1:]
    assert len(features) == 27
    for row in features:
        assert NAMED.search(row), row
