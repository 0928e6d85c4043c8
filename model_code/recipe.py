"""A recipe: extractor, selection size and XGBoost parameters; those by name, or one in a file."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from model_code.errors import UserError

Positive = Annotated[int, Field(gt=0)]
Share = Annotated[float, Field(ge=0.001, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Trees(_Strict):
    """XGBoost's boosted trees."""

    booster: Literal["gbtree"] = "gbtree"
    rounds: Annotated[int, Field(gt=0, le=10_000)]
    eta: Share
    max_depth: Annotated[int, Field(gt=0, le=32)]
    tree_method: Literal["exact", "hist"] = "hist"
    subsample: Share = 1
    colsample_bytree: Share = 1


class Linear(_Strict):
    """XGBoost's linear booster: softmax regression."""

    booster: Literal["gblinear"] = "gblinear"
    # The quadratic penalty of the weights, against the mean loss of a photo.
    reg_lambda: float = Field(ge=0, le=1e6)


class Recipe(_Strict):
    """How photos become a model."""

    extractor: Literal["embedding", "pixels"]
    k: Positive  # values to keep; more than there are means all
    mirrored: bool  # learn from each photo also as a mirror shows it
    xgboost: Annotated[Trees | Linear, Field(discriminator="booster")]


# `embedding` was chosen by cross-validation on six sets of photos, see docs/recipes.md.
RECIPES = {
    "embedding": Recipe(
        extractor="embedding",
        k=800,
        mirrored=True,
        xgboost=Linear(reg_lambda=0.005),
    ),
    # The notebook's. `exact` is what XGBoost chose by itself in 2019 for so few photos.
    "pixels": Recipe(
        extractor="pixels",
        k=400,
        mirrored=False,
        xgboost=Trees(rounds=10, eta=0.2, max_depth=5, tree_method="exact"),
    ),
}


def find_recipe(name: str) -> Recipe:
    """Return the recipe of that name, or the one in the JSON file at that path.

    Raises
    ------
    UserError
        There is neither, or the file holds no recipe.
    """
    if name in RECIPES:
        return RECIPES[name]
    try:
        return Recipe.model_validate_json(Path(name).read_bytes())
    except OSError as error:
        raise UserError(
            f"{name} is neither a recipe ({', '.join(RECIPES)}) nor a file that can be read."
        ) from error
    except ValidationError as error:
        raise UserError(f"{name} is not a recipe: {_first_fault(error)}") from error


def _first_fault(error: ValidationError) -> str:
    fault: Any = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"]) or "the file"
    return f"{place}: {fault['msg']}. `python -m model_code tune` writes one."
