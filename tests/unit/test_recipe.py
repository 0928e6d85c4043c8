"""Recipes by name or from a file; what is none is told."""

from pathlib import Path

import pytest

from model_code.errors import UserError
from model_code.recipe import RECIPES, find_recipe


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_in_a_file_is_the_recipe(name: str, tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    path.write_text(RECIPES[name].model_dump_json())
    assert find_recipe(str(path)) == find_recipe(name) == RECIPES[name]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (("800", "0"), "k: Input should be greater than 0"),
        (("embedding", "magic"), "extractor: Input should be 'embedding' or 'pixels'"),
        (("gblinear", "dart"), "xgboost: Input tag 'dart'"),
        (("0.005", '"much"'), "xgboost.gblinear.reg_lambda: Input should be a valid number"),
        (("0.005", "1e999"), "xgboost.gblinear.reg_lambda: Input should be less"),
        (('"mirrored"', '"mirored"'), "mirrored: Field required"),
        (("{", ""), "the file: Invalid JSON"),
    ],
)
def test_a_file_that_is_no_recipe_is_told_with_the_place(
    edit: tuple[str, str], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "recipe.json"
    path.write_text(RECIPES["embedding"].model_dump_json().replace(*edit))
    with pytest.raises(UserError) as caught:
        find_recipe(str(path))
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["nonsense", "", "/"])
def test_neither_a_name_nor_a_file_is_told(name: str) -> None:
    with pytest.raises(UserError, match="neither a recipe"):
        find_recipe(name)
