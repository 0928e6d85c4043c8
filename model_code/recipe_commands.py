"""The commands that judge recipes: `compare` them, `tune` a new one."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_code.arguments import DEFAULT_RECIPE, SEEDS, whole_number

if TYPE_CHECKING:
    from model_code.dataset import Dataset
    from model_code.recipe import Recipe
    from model_code.training import Examples


SECONDS = 60  # a minute


def add_recipe_commands(commands: Any) -> None:
    """Add the commands to what `ArgumentParser.add_subparsers` returned."""
    _add_compare(commands)
    _add_tune(commands)


def _add_compare(commands: Any) -> None:
    parser = commands.add_parser(
        "compare",
        help="measure recipes side by side, on the same folds of your photos",
        description="Train each recipe on repeated stratified folds, the same for all, and tell "
        "mean, spread and difference of micro F1, and what serving it costs. A run that was "
        "stopped goes on where it was.",
    )
    parser.add_argument(
        "photos", type=Path, nargs="+", help="folders of <brand>/<photo>: JPEG, PNG, WebP"
    )
    parser.add_argument(
        "--recipes", nargs="+", default=["embedding", "pixels"], help="names or files (these two)"
    )
    parser.add_argument("--folds", type=whole_number(2, 20), default=5, help="(5)")
    parser.add_argument("--repeats", type=whole_number(1, 100), default=2, help="(2)")
    parser.add_argument("--seed", type=whole_number(*SEEDS), default=0, help="of the folds (0)")
    parser.add_argument(
        "--output", type=Path, default=Path("build/compare"), help="results (build/compare)"
    )
    parser.set_defaults(run=_compare)


def _compare(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from model_code.comparison import Plan, ScoreFile, compare
    from model_code.comparison_report import comparison_rows, comparison_table, write_comparison
    from model_code.dataset import scan
    from model_code.extractor_cost import extractor_cost
    from model_code.recipe import find_recipe

    recipes = {name: find_recipe(name) for name in arguments.recipes}
    dataset, examples = _examples(scan(*arguments.photos), recipes)
    plan = Plan(arguments.folds, arguments.repeats, arguments.seed)
    known = ScoreFile(arguments.output / "scores.jsonl")
    scores = compare(examples, recipes, plan, dataset.sha256, known)
    by_extractor = {
        extractor: extractor_cost(extractor, dataset.photos)
        for extractor in {recipe.extractor for recipe in recipes.values()}
    }
    costs = {name: by_extractor[recipe.extractor] for name, recipe in recipes.items()}
    rows = comparison_rows(scores, costs)
    write_comparison(arguments.output, rows, scores)
    print(
        f"{len(dataset.photos)} photos of {len(dataset.brands)} brands; {plan.folds} folds, "
        f"{plan.repeats} times, the same for all; differences to {arguments.recipes[0]}"
    )
    Console().print(comparison_table(rows))
    print(f"written to {arguments.output}: comparison.json, comparison.png")
    return 0


def _examples(
    dataset: "Dataset", recipes: Mapping[str, "Recipe"]
) -> tuple["Dataset", dict[str, "Examples"]]:
    """Return the photos that every extractor can read, and their vectors by recipe."""
    import numpy as np

    from model_code.curation.groups import group_photos
    from model_code.extraction import extract
    from model_code.training import Examples

    for recipe in recipes.values():
        dataset = extract(dataset, recipe.extractor, recipe.mirrored).dataset
    for path, reason in dataset.skipped:
        print(f"left out  {path}: {reason}", file=sys.stderr)
    for note in dataset.notes:
        print(f"note      {note}", file=sys.stderr)
    labels, groups = np.asarray(dataset.labels), group_photos(dataset)
    examples = {}
    for name, recipe in recipes.items():  # from the cache now
        _, raw, mirrored = extract(dataset, recipe.extractor, recipe.mirrored)
        examples[name] = Examples(raw, mirrored, labels, groups)
    return dataset, examples


def _add_tune(commands: Any) -> None:
    parser = commands.add_parser(
        "tune",
        help="search for a better recipe on your photos, within minutes",
        description="Search the number of values to keep and XGBoost's parameters by "
        "cross-validation, and write the best recipe as a file for `train --recipe`. Called "
        "again, it goes on.",
    )
    parser.add_argument(
        "photos", type=Path, nargs="+", help="folders of <brand>/<photo>: JPEG, PNG, WebP"
    )
    parser.add_argument(
        "--recipe", default=DEFAULT_RECIPE, help=f"where to begin ({DEFAULT_RECIPE})"
    )
    parser.add_argument(
        "--minutes", type=whole_number(1, 10_000), default=10, help="how long to search (10)"
    )
    parser.add_argument(
        "--output", type=Path, default=Path("build/tune"), help="results (build/tune)"
    )
    parser.set_defaults(run=_tune)


def _tune(arguments: argparse.Namespace) -> int:
    from model_code.dataset import scan
    from model_code.progress import countdown
    from model_code.recipe import find_recipe
    from model_code.tuning import best_recipe, open_study, search

    first = find_recipe(arguments.recipe)
    dataset, examples = _examples(scan(*arguments.photos), {arguments.recipe: first})
    vectors = examples[arguments.recipe]
    name = f"{first.model_dump_json()} {dataset.sha256}"
    study = open_study(arguments.output / "trials.log", name, first)
    with countdown("Tuning", arguments.minutes * SECONDS) as tell:
        search(study, vectors, first, arguments.minutes * SECONDS, tell)
    recipe = best_recipe(study, first, vectors.raw.shape[1])
    path = arguments.output / "recipe.json"
    path.write_text(recipe.model_dump_json(indent=1) + "\n", encoding="utf-8")
    print(f"{len(study.trials)} recipes tried on {len(dataset.photos)} photos")
    values = [trial.value for trial in study.trials if trial.value is not None]
    print(f"began with micro F1 {values[0]:.3f}, the best has {study.best_value:.3f}")
    print(f"written to {path}; train with it: python -m model_code train PHOTOS --recipe {path}")
    return 0
