"""The commands that make a release: `train`, or its steps one by one."""

import argparse
import sys
from pathlib import Path
from typing import Any

from model_code.arguments import DEFAULT_RECIPE, SEEDS, whole_number

PHOTOS_PER_BRAND = (1, 10_000)  # they are named by four digits
STEPS_HELP = "One step of `train`; it reads what the step before left in the work folder."


def add_training_commands(commands: Any) -> None:
    """Add the commands to what `ArgumentParser.add_subparsers` returned."""
    _add_samples(commands)
    train = _add(commands, "train", _train, "photos -> release: all the steps below in one")
    _photos_argument(train)
    _recipe_argument(train)
    _releases_argument(train)
    extract = _add(commands, "extract", _extract, "1. read the photos, report bad ones, split")
    _photos_argument(extract)
    _recipe_argument(extract)
    _add(commands, "select", _select, "2. choose the values to keep, by mutual information")
    _add(commands, "fit", _fit, "3. train XGBoost on them")
    _add(commands, "calibrate", _calibrate, "4. choose when an answer counts as confident")
    _add(commands, "evaluate", _evaluate, "5. measure precision, recall and F1")
    _add(commands, "sweep", _sweep, "6. try other numbers of values to keep")
    _releases_argument(_add(commands, "release", _release, "7. write release and report"))


def _add(commands: Any, name: str, run: Any, help_text: str) -> argparse.ArgumentParser:
    description = help_text if name == "train" else f"{help_text}. {STEPS_HELP}"
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=help_text, description=description
    )
    parser.add_argument(
        "--work", type=Path, default=Path("build/training"), help="work folder (build/training)"
    )
    parser.set_defaults(run=run)
    return parser


def _photos_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "photos", type=Path, nargs="+", help="folders of <brand>/<photo>: JPEG, PNG, WebP"
    )
    parser.add_argument(
        "--seed", type=whole_number(*SEEDS), default=0, help="same seed, same release (0)"
    )


def _recipe_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--recipe",
        default=DEFAULT_RECIPE,
        help="embedding (the default), pixels (the one of 2019), or a file that tune wrote",
    )


def _releases_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--releases", type=Path, default=Path("releases"), help="where to write it (releases)"
    )


def _add_samples(commands: Any) -> None:
    parser = commands.add_parser(
        "samples",
        help="draw sample photos of four brands, to try everything without real ones",
        description="Draw photos of four brands of fried chicken. They are drawings: a score on "
        "them means nothing for real photos.",
    )
    parser.add_argument("folder", type=Path, help="where to put them, as <brand>/<number>.jpg")
    count = whole_number(*PHOTOS_PER_BRAND)
    parser.add_argument("--photos-per-brand", type=count, default=170, help="as in 2019 (170)")
    parser.add_argument(
        "--seed", type=whole_number(*SEEDS), default=0, help="same seed, same photos (0)"
    )
    parser.set_defaults(run=_samples)


def _samples(arguments: argparse.Namespace) -> int:
    from model_code.samples import write_samples

    drawn = write_samples(arguments.folder, arguments.photos_per_brand, arguments.seed)
    print(f"{drawn} drawn, {4 * arguments.photos_per_brand} photos in {arguments.folder}")
    return 0


def _train(arguments: argparse.Namespace) -> int:
    from model_code.dataset import scan
    from model_code.pipeline import find_release
    from model_code.recipe import find_recipe
    from model_code.writing import point_latest

    dataset, recipe = scan(*arguments.photos), find_recipe(arguments.recipe)
    if found := find_release(dataset, recipe, arguments.seed, arguments.releases):
        point_latest(arguments.releases, found.name)
        print(f"These photos were trained on before, with this recipe and seed: {found}")
        return 0
    # Before minutes of training, and not after: what cannot be a folder is told now.
    arguments.releases.mkdir(parents=True, exist_ok=True)
    for step in (_extract, _select, _fit, _calibrate, _evaluate, _sweep, _release):
        step(arguments)
    return 0


def _extract(arguments: argparse.Namespace) -> int:
    from model_code.dataset import scan
    from model_code.pipeline import extract_step
    from model_code.recipe import find_recipe
    from model_code.work import Work

    dataset, recipe = scan(*arguments.photos), find_recipe(arguments.recipe)
    usable = extract_step(Work(arguments.work), dataset, recipe, arguments.seed)
    for path, reason in usable.skipped:
        print(f"left out  {path}: {reason}", file=sys.stderr)
    for note in usable.notes:
        print(f"note      {note}", file=sys.stderr)
    print(f"extract   {len(usable.photos)} photos of {len(usable.brands)} brands")
    return 0


def _select(arguments: argparse.Namespace) -> int:
    from model_code.pipeline import select_step
    from model_code.work import Work

    print(f"select    {select_step(Work(arguments.work))} values by mutual information")
    return 0


def _fit(arguments: argparse.Namespace) -> int:
    from model_code.pipeline import fit_step
    from model_code.work import Work

    settings = fit_step(Work(arguments.work)).xgboost
    print("fit       " + ", ".join(f"{name} {value}" for name, value in settings))
    return 0


def _calibrate(arguments: argparse.Namespace) -> int:
    from model_code.pipeline import calibrate_step
    from model_code.work import Work

    chosen = calibrate_step(Work(arguments.work))
    print(
        f"calibrate temperature {chosen.temperature:.2f}; confident from probability "
        f"{chosen.min_probability:.2f} and likeness {chosen.min_likeness:.2f} on"
    )
    return 0


def _evaluate(arguments: argparse.Namespace) -> int:
    from model_code.pipeline import evaluate_step
    from model_code.work import Work

    metrics = evaluate_step(Work(arguments.work))
    train, test = metrics["train"], metrics["test"]
    print(
        f"evaluate  micro F1 {test['micro_f1']:.3f} held out, {train['micro_f1']:.3f} in training"
    )
    print(f"          {test['confident']['share']:.0%} of the held-out photos are confident")
    return 0


def _sweep(arguments: argparse.Namespace) -> int:
    from model_code.pipeline import sweep_step
    from model_code.work import Work

    points = sweep_step(Work(arguments.work))
    best = max(points, key=lambda point: point.test)
    print(
        f"sweep     {len(points)} sizes; the best on held-out photos: k = {best.k}, {best.test:.3f}"
    )
    return 0


def _release(arguments: argparse.Namespace) -> int:
    from model_code.pipeline import release_step
    from model_code.work import Work

    folder = release_step(Work(arguments.work), arguments.releases)
    print(f"release   {folder}")
    print(f"report    {folder / 'report' / 'report.html'}")
    return 0
