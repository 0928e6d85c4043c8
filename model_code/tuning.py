"""Search for a better recipe by cross-validation, within minutes; it can be gone on with."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import optuna
from joblib import Parallel, delayed
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from model_code.comparison import Plan, folds, score
from model_code.errors import UserError
from model_code.features import EXTRACTORS
from model_code.recipe import Linear, Recipe, Trees
from model_code.training import Examples

COMPLETE, WAITING = optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.WAITING
LEAST = 20  # values to keep
RANGES: dict[str, tuple[float, float]] = {
    "k": (LEAST, math.inf),
    "reg_lambda": (1e-4, 0.1),
    "rounds": (10, 200),
    "eta": (0.03, 0.5),
    "max_depth": (1, 6),
    "subsample": (0.5, 1),
    "colsample_bytree": (0.1, 1),
}
PLAN = Plan(folds=5, repeats=1, seed=0)


def open_study(path: Path, name: str, first: Recipe) -> optuna.Study:
    """Open the study `name` in the file at `path`; it begins with the recipe `first`.

    Raises
    ------
    UserError
        The file holds no trials.
    """
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        study = optuna.create_study(
            study_name=name,
            storage=JournalStorage(JournalFileBackend(str(path))),
            direction="maximize",
            load_if_exists=True,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} is damaged ({error}). Delete it and run again.") from error
    # Another seed each time, or a run that goes on would begin with the same draws.
    study.sampler = optuna.samplers.TPESampler(seed=PLAN.seed + len(study.trials))
    if not any(trial.state in (COMPLETE, WAITING) for trial in study.trials):
        study.enqueue_trial(_as_trial(first))
    return study


def search(
    study: optuna.Study, examples: Examples, first: Recipe, seconds: float,
    tell: Callable[[str], None],
) -> None:  # fmt: skip
    """Try recipes, one at least, until the time is over; `tell` gets how far it is."""

    def objective(trial: optuna.Trial) -> float:
        recipe = suggest(trial, first, examples.raw.shape[1])
        scores = Parallel(n_jobs=-1, backend="threading")(
            delayed(score)(examples, fold, recipe, PLAN.seed)
            for fold in folds(examples.labels, PLAN, examples.groups)
        )
        return float(np.mean([found.micro_f1 for found in scores]))

    end = time.monotonic() + seconds
    while True:
        study.optimize(objective, n_trials=1)
        tell(f"{len(study.trials)} tried, best {study.best_value:.3f}")
        if time.monotonic() >= end:
            return


def suggest(trial: optuna.trial.BaseTrial, first: Recipe, raw_length: int) -> Recipe:
    """Draw one recipe; what is not searched is as in `first`."""
    return Recipe.model_validate(
        {
            "extractor": first.extractor,
            "k": trial.suggest_int("k", LEAST, raw_length, log=True),
            "mirrored": first.mirrored,
            "xgboost": _linear(trial)
            if trial.suggest_categorical("booster", ["gblinear", "gbtree"]) == "gblinear"
            else _trees(trial, first),
        }
    )


def best_recipe(study: optuna.Study, first: Recipe, raw_length: int) -> Recipe:
    """Return the recipe of the best trial."""
    return suggest(optuna.trial.FixedTrial(study.best_params), first, raw_length)


def _linear(trial: optuna.trial.BaseTrial) -> Linear:
    return Linear(reg_lambda=trial.suggest_float("reg_lambda", *RANGES["reg_lambda"], log=True))


def _trees(trial: optuna.trial.BaseTrial, first: Recipe) -> Trees:
    return Trees(
        tree_method=getattr(first.xgboost, "tree_method", "hist"),
        rounds=trial.suggest_int("rounds", 10, 200, log=True),
        eta=trial.suggest_float("eta", *RANGES["eta"], log=True),
        max_depth=trial.suggest_int("max_depth", 1, 6),
        subsample=trial.suggest_float("subsample", *RANGES["subsample"]),
        colsample_bytree=trial.suggest_float("colsample_bytree", *RANGES["colsample_bytree"]),
    )


def _as_trial(recipe: Recipe) -> dict[str, int | float | str]:
    """Name the recipe as a trial; what is out of range begins at its end."""
    settings = recipe.xgboost.model_dump(exclude={"tree_method"})
    given = {"k": min(recipe.k, EXTRACTORS[recipe.extractor].raw_length), **settings}
    return {
        name: min(max(value, RANGES[name][0]), RANGES[name][1]) if name in RANGES else value
        for name, value in given.items()
    }
