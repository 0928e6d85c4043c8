"""Write `docs/access.md` from synthesized templates: `python -m stacks.access_table cdk.out`."""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from stacks.access import Access, accesses
from stacks.access_reasons import ACCESS_REASONS

TEMPLATE = "ChickLearning-*-*.template.json"
INTRODUCTION = """\
# Who may do what

Every role of every stage, and why. Made from the templates by `make access`, which ends with an
error where a statement has no reason in [`stacks/access_reasons.py`](../stacks/access_reasons.py);
a test compares this page with the templates. The account of the image is that of Seoul.

| role | taken on by | may | on | because |
| --- | --- | --- | --- | --- |
"""


class NoReasonError(ValueError):
    """A statement that nobody has written a reason for."""


def page(folders: Iterable[Path], region: str) -> str:
    """Return the page for the templates in some folders that `cdk synth` wrote.

    Raises
    ------
    NoReasonError
        A statement has no reason, or a folder has no template.
    """
    rows = {row for folder in folders for row in _rows(folder, region)}
    return INTRODUCTION + "".join(_line(row) for row in sorted(rows))


def _rows(folder: Path, region: str) -> list[Access]:
    templates = sorted(folder.glob(TEMPLATE))
    if not templates:
        raise NoReasonError(f"{folder} has no template: cdk synth --output {folder}")
    return [row for path in templates for row in accesses(_read(path), _stage(path), region)]


def _read(path: Path) -> dict[str, Any]:
    template: dict[str, Any] = json.loads(path.read_text())
    return template


def _stage(template: Path) -> str:
    return template.name.split("-")[1]


def _line(row: Access) -> str:
    reason = ACCESS_REASONS.get((row.role, row.sid))
    if reason is None:
        raise NoReasonError(
            f"{row.role} may {row.actions[0]} on {row.resources[0]}, and nobody says why. "
            f'Write it into stacks/access_reasons.py: ("{row.role}", "{row.sid}").'
        )
    actions, resources = (
        "<br>".join(f"`{value}`" for value in values) for values in (row.actions, row.resources)
    )
    return f"| {row.role} | {row.service} | {actions} | {resources} | {reason} |\n"


def main(arguments: list[str] | None = None) -> int:
    """Print the page."""
    parser = argparse.ArgumentParser(prog="python -m stacks.access_table", description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", help="what cdk synth wrote, a stage each")
    parser.add_argument("--region", default="ap-northeast-2", help="where they were made for")
    parsed = parser.parse_args(arguments)
    try:
        print(page(parsed.folders, parsed.region), end="")
    except NoReasonError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
