"""What a booster says of itself, read from its JSON: xgboost is not needed to synth."""

import json
from typing import NamedTuple

from model_code.release.document import ReleaseError


class BoosterFacts(NamedTuple):
    """The parts of XGBoost's model schema that decide whether answers can be right."""

    num_feature: int
    num_class: int
    objective: str
    version: tuple[int, ...]


def read_booster(booster: bytes) -> BoosterFacts:
    """Read the facts out of `Booster.save_raw("json")`.

    The schema: https://xgboost.readthedocs.io/en/release_3.2.0/tutorials/saving_model.html
    """
    try:
        document = json.loads(booster)
        learner = document["learner"]
        parameters = learner["learner_model_param"]
        return BoosterFacts(
            num_feature=int(parameters["num_feature"]),
            num_class=int(parameters["num_class"]),
            objective=str(learner["objective"]["name"]),
            version=tuple(int(part) for part in document["version"]),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ReleaseError(
            "The file in model.tar.gz is not an XGBoost booster saved as JSON "
            f"({type(error).__name__}: {error}). Save it with Booster.save_raw('json')."
        ) from error
