"""A comparison as a table for people, JSON for programs, and a picture."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.table import Table
from rich.text import Text

from model_code.comparison import Score
from model_code.extractor_cost import ExtractorCost
from model_code.plots import plot_comparison


class Row(NamedTuple):
    """One recipe's figures."""

    recipe: str
    micro_f1: float
    spread: float  # standard deviation over the folds
    difference: float  # to the first recipe, on the same folds
    difference_error: float  # its standard error, as if the repeats shared no photos
    training_seconds: float
    cost: ExtractorCost


def comparison_rows(
    scores: Mapping[str, Sequence[Score]], costs: Mapping[str, ExtractorCost]
) -> list[Row]:
    """Sum the folds up; `costs` by recipe."""
    micro_f1 = {
        name: np.array([score.micro_f1 for score in found]) for name, found in scores.items()
    }
    first = next(iter(micro_f1.values()))
    return [
        Row(
            name,
            float(values.mean()),
            float(values.std()),
            float((values - first).mean()),
            float((values - first).std(ddof=1) / np.sqrt(len(values))),
            float(np.median([score.seconds for score in scores[name]])),
            costs[name],
        )
        for name, values in micro_f1.items()
    ]


def comparison_table(rows: Sequence[Row]) -> Table:
    """Lay out one row a recipe."""
    table = Table("recipe", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for header in ("micro F1", "difference", "training", "photos/s", "Lambda", "import"):
        table.add_column(header, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            Text(row.recipe),
            f"{row.micro_f1:.3f} ± {row.spread:.3f}",
            f"{row.difference:+.3f} ± {row.difference_error:.3f}" if row != rows[0] else "",
            f"{row.training_seconds:.1f} s",
            f"{row.cost.photos_per_second:.0f}",
            f"{row.cost.lambda_megabytes:.1f} MB",
            f"{row.cost.import_seconds:.2f} s",
        )
    return table


def write_comparison(
    folder: Path, rows: Sequence[Row], scores: Mapping[str, Sequence[Score]]
) -> None:
    """Write `comparison.json` and `comparison.png`."""
    documents = [
        {
            **row._asdict(),
            "cost": row.cost._asdict(),
            "folds": [score._asdict() for score in scores[row.recipe]],
        }
        for row in rows
    ]
    text = json.dumps(documents, ensure_ascii=False, indent=1)
    (folder / "comparison.json").write_text(text + "\n", encoding="utf-8")
    points = {name: [score.micro_f1 for score in found] for name, found in scores.items()}
    plot_comparison(points, folder / "comparison.png")
