"""Search for a better recipe by cross-validation, within minutes; it can be gone on with."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import optuna
from joblib import Parallel, delayed
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from model_code.comparison import Plan, folds, score
from model_code.recipe import Linear, Recipe, Trees
from model_code.training import Examples

PLAN = Plan(folds=5, repeats=1, seed=0)


def open_study(path: Path, name: str, first: Recipe) -> optuna.Study:
    """Open the study `name` in the file at `path`; a new one begins with the recipe `first`."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    path.parent.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        study_name=name,
        storage=JournalStorage(JournalFileBackend(str(path))),
        sampler=optuna.samplers.TPESampler(seed=PLAN.seed),
        direction="maximize",
        load_if_exists=True,
    )
    study.enqueue_trial(_as_trial(first), skip_if_exists=True)
    return study


def search(
    study: optuna.Study, examples: Examples, extractor: str, seconds: float,
    tell: Callable[[str], None],
) -> None:  # fmt: skip
    """Try recipes, one at least, until the time is over; `tell` gets how far it is."""

    def objective(trial: optuna.Trial) -> float:
        recipe = suggest(trial, extractor, examples.raw.shape[1])
        scores = Parallel(n_jobs=-1, backend="threading")(
            delayed(score)(examples, fold, recipe, PLAN.seed)
            for fold in folds(examples.labels, PLAN)
        )
        return float(np.mean([found.micro_f1 for found in scores]))

    end = time.monotonic() + seconds
    while True:
        study.optimize(objective, n_trials=1)
        tell(f"{len(study.trials)} tried, best {study.best_value:.3f}")
        if time.monotonic() >= end:
            return


def suggest(trial: optuna.trial.BaseTrial, extractor: str, raw_length: int) -> Recipe:
    """Draw one recipe."""
    return Recipe.model_validate(
        {
            "extractor": extractor,
            "k": trial.suggest_int("k", 20, raw_length, log=True),
            "mirrored": True,
            "xgboost": _linear(trial)
            if trial.suggest_categorical("booster", ["gblinear", "gbtree"]) == "gblinear"
            else _trees(trial),
        }
    )


def best_recipe(study: optuna.Study, extractor: str, raw_length: int) -> Recipe:
    """Return the recipe of the best trial."""
    return suggest(optuna.trial.FixedTrial(study.best_params), extractor, raw_length)


def _linear(trial: optuna.trial.BaseTrial) -> Linear:
    return Linear(
        reg_lambda=trial.suggest_float("reg_lambda", 1e-4, 0.1, log=True),
    )


def _trees(trial: optuna.trial.BaseTrial) -> Trees:
    return Trees(
        rounds=trial.suggest_int("rounds", 10, 200, log=True),
        eta=trial.suggest_float("eta", 0.03, 0.5, log=True),
        max_depth=trial.suggest_int("max_depth", 1, 6),
        subsample=trial.suggest_float("subsample", 0.5, 1),
        colsample_bytree=trial.suggest_float("colsample_bytree", 0.1, 1),
    )


def _as_trial(recipe: Recipe) -> dict[str, int | float | str]:
    settings = recipe.xgboost
    start: dict[str, int | float | str] = {"k": recipe.k, "booster": settings.booster}
    if isinstance(settings, Linear):
        return start | {"reg_lambda": settings.reg_lambda}
    return start | {
        "rounds": settings.rounds,
        "eta": settings.eta,
        "max_depth": settings.max_depth,
        "subsample": settings.subsample,
        "colsample_bytree": settings.colsample_bytree,
    }
