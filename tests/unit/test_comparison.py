"""`compare` and `tune`: the same folds for all, goes on where it was, ends with a recipe."""

import json
from pathlib import Path

import numpy as np
import pytest

from model_code import tuning
from model_code.__main__ import main
from model_code.comparison import Plan, Score, ScoreFile, compare, folds
from model_code.comparison_report import comparison_rows
from model_code.errors import UserError
from model_code.extractor_cost import ExtractorCost
from model_code.recipe import RECIPES, Linear, find_recipe
from model_code.training import Examples
from model_code.tuning import best_recipe, open_study, search

PLAN = Plan(folds=3, repeats=2, seed=1)


@pytest.fixture(scope="module")
def examples() -> Examples:
    labels = np.arange(60) % 3
    raw = np.random.default_rng(0).random((60, 20), dtype=np.float32)
    raw[:, :3] += np.eye(3, dtype=np.float32)[labels]
    return Examples(raw, raw, labels)


def test_each_repeat_tests_each_photo_once_with_all_brands() -> None:
    labels = np.repeat([0, 1, 2], [30, 20, 10])
    splits = folds(labels, PLAN)
    for repeat in range(2):
        parts = [fold.test for fold in splits if fold.repeat == repeat]
        assert sorted(np.concatenate(parts)) == list(range(60))
        for part in parts:
            assert set(labels[part]) == {0, 1, 2}
    for fold in splits:
        assert not set(fold.train) & set(fold.test)
    assert not np.array_equal(splits[0].test, splits[3].test)


def test_all_recipes_meet_the_same_folds(examples: Examples, tmp_path: Path) -> None:
    recipes = {"one": RECIPES["pixels"], "the same again": RECIPES["pixels"]}
    both = dict.fromkeys(recipes, examples)
    scores = compare(both, recipes, PLAN, "photos", ScoreFile(tmp_path / "scores"))
    assert [s.micro_f1 for s in scores["one"]] == [s.micro_f1 for s in scores["the same again"]]
    assert len(scores["one"]) == 6


def test_a_run_that_was_stopped_goes_on_where_it_was(examples: Examples, tmp_path: Path) -> None:
    path = tmp_path / "scores"
    recipes = {"pixels": RECIPES["pixels"]}
    whole = compare({"pixels": examples}, recipes, PLAN, "photos", ScoreFile(path))
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:4]) + '\n["cut of')
    again = compare({"pixels": examples}, recipes, PLAN, "photos", ScoreFile(path))
    kept = {tuple(json.loads(line)[1:]) for line in lines[:4]}
    assert kept <= {tuple(score) for score in again["pixels"]}  # their seconds are the old ones
    assert [s.micro_f1 for s in again["pixels"]] == [s.micro_f1 for s in whole["pixels"]]


@pytest.mark.parametrize(
    "damage", ["3", "null", "[[1],2,3]", '["key",NaN,1]', "\udcff", "[" * 9999]
)
def test_damaged_scores_are_measured_anew(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "scores"
    path.write_text(f'{damage}\n["key", 0.5, 1', encoding="utf-8", errors="surrogateescape")
    known = ScoreFile(path)
    assert known.get("key") is None
    known.add("key", Score(0.5, 1))
    assert ScoreFile(path).get("key") == Score(0.5, 1)


def test_more_folds_than_photos_are_refused() -> None:
    with pytest.raises(UserError, match="A brand has 2 photos, too few for 3 folds"):
        folds(np.array([0, 0, 1, 1, 1]), PLAN)


def test_other_photos_or_another_recipe_are_measured_anew(
    examples: Examples, tmp_path: Path
) -> None:
    known = ScoreFile(tmp_path / "scores")
    for photos, recipe in (("a", "pixels"), ("b", "pixels"), ("b", "embedding")):
        compare({"r": examples}, {"r": RECIPES[recipe]}, PLAN, photos, known)
    assert len((tmp_path / "scores").read_text().splitlines()) == 3 * 6


def test_the_difference_is_that_on_the_same_folds() -> None:
    cost = ExtractorCost(1, 1, 1)
    scores = {
        "a": [Score(0.5, 1), Score(0.7, 3)],
        "b": [Score(0.6, 1), Score(0.8, 1)],
    }
    first, second = comparison_rows(scores, {"a": cost, "b": cost})
    assert (first.micro_f1, first.difference, first.training_seconds) == (0.6, 0, 2)
    assert second.difference == pytest.approx(0.1)
    assert second.difference_error == pytest.approx(0)


def test_the_command_shows_and_writes_the_comparison(
    photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--folds", "2", "--repeats", "1", "--output", str(tmp_path)]
    assert main(["compare", str(photo_folder), *options]) == 0
    shown = capsys.readouterr().out
    assert "36 photos of 3 brands; 2 folds" in shown
    rows = json.loads((tmp_path / "comparison.json").read_text())
    assert [row["recipe"] for row in rows] == list(RECIPES)
    for row in rows:
        assert 0 < row["micro_f1"] <= 1 and len(row["folds"]) == 2
        assert row["cost"]["photos_per_second"] > 1
        assert row["recipe"] in shown
    # The embedding brings onnxruntime, which is most of its zip.
    assert rows[0]["cost"]["lambda_megabytes"] > 20 > rows[1]["cost"]["lambda_megabytes"]
    assert (tmp_path / "comparison.png").stat().st_size > 1000


@pytest.mark.parametrize(
    "options", [["--recipes", "nonsense"], ["--folds", "1"], ["--repeats", "0"], ["--seed", "-1"]]
)
def test_what_cannot_be_compared_is_told(
    options: list[str], photo_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(["compare", str(photo_folder), *options])
    except SystemExit as usage:
        status = int(usage.code or 0)
    assert status in (1, 2)
    assert "error: " in capsys.readouterr().err


def test_tuning_that_was_stopped_in_its_first_trial_begins_there_again(
    tmp_path: Path, examples: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    recipe = RECIPES["pixels"].model_copy(update={"k": 20})
    with monkeypatch.context() as patch:
        patch.setattr(tuning, "suggest", interrupt)
        with pytest.raises(KeyboardInterrupt):
            search(open_study(tmp_path / "log", "s", recipe), examples, recipe, 0, print)
    study = open_study(tmp_path / "log", "s", recipe)
    search(study, examples, recipe, 0, print)
    assert best_recipe(study, recipe, 20) == recipe


def test_each_run_draws_other_recipes(tmp_path: Path, examples: Examples) -> None:
    recipe = RECIPES["pixels"].model_copy(update={"k": 20})
    for _ in range(3):
        search(open_study(tmp_path / "log", "s", recipe), examples, recipe, 0, print)
    drawn = [str(trial.params) for trial in open_study(tmp_path / "log", "s", recipe).trials]
    assert len(set(drawn)) == 3


@pytest.mark.parametrize(("k", "reg_lambda"), [(1, 0), (10**9, 1e6)])
def test_a_recipe_out_of_range_begins_at_the_end_of_it(
    k: int, reg_lambda: float, tmp_path: Path
) -> None:
    recipe = RECIPES["embedding"].model_copy(
        update={"k": k, "xgboost": Linear(reg_lambda=reg_lambda)}
    )
    (trial,) = open_study(tmp_path / "log", "s", recipe).get_trials()
    begun = trial.system_attrs["fixed_params"]
    assert 20 <= begun["k"] <= 1280 and 1e-4 <= begun["reg_lambda"] <= 0.1


def test_a_damaged_study_is_told(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("garbage\nmore\n")
    with pytest.raises(UserError, match=r"is damaged.*Delete it"):
        open_study(tmp_path / "log", "s", RECIPES["embedding"])


def test_tuning_ends_with_a_recipe_that_train_takes_and_can_go_on(
    photo_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The budget is over when the first trial ends: no test waits for a clock.
    monkeypatch.setattr("model_code.recipe_commands.SECONDS", 0)
    tune = ["tune", str(photo_folder), "--minutes", "1", "--output", str(tmp_path)]
    assert main(tune) == 0
    assert "1 recipes tried" in capsys.readouterr().out
    assert find_recipe(str(tmp_path / "recipe.json")) == RECIPES["embedding"]  # it begins there
    assert main(tune) == 0
    assert "2 recipes tried" in capsys.readouterr().out
    recipe = find_recipe(str(tmp_path / "recipe.json"))
    assert (recipe.extractor, recipe.mirrored) == ("embedding", True)
    train = ["train", str(photo_folder), "--recipe", str(tmp_path / "recipe.json")]
    folders = ["--work", str(tmp_path / "work"), "--releases", str(tmp_path / "releases")]
    assert main([*train, *folders]) == 0
