"""How long the sweep over k takes: the 2019 notebook's loop against ours, with the same result.

`python -m bench.sweep [PHOTOS]`; without photos of yours, some are drawn
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xgboost
from sklearn.feature_selection import SelectKBest, mutual_info_classif
from sklearn.metrics import f1_score

from bench.timing import medians
from model_code.dataset import scan
from model_code.extraction import extract
from model_code.pipeline import hold_out
from model_code.recipe import RECIPES
from model_code.samples import write_samples
from model_code.selection import mutual_information, select_best
from model_code.sweep import sweep
from model_code.training import Examples

SEED = 0
DRAWN = 60  # photos a brand
KS = range(1, 4800, 400)
# As in the notebook. `exact` is what XGBoost chose by itself in 2019 for so few photos.
PARAMETERS = {"objective": "multi:softprob", "max_depth": 5, "eta": 0.2, "tree_method": "exact"}
TREES = 10  # a brand


class Point(NamedTuple):
    """What one k gave."""

    selection: npt.NDArray[np.intp]
    train: float  # micro F1
    test: float


def notebook(train: Examples, test: Examples) -> dict[int, Point]:
    """Score every value anew for each k, fit, and measure, one k after the other."""
    return {k: notebook_point(train, test, k) for k in KS}


def notebook_point(train: Examples, test: Examples, k: int) -> Point:
    score = partial(mutual_info_classif, random_state=SEED)
    selector = SelectKBest(score, k=k).fit(train.raw, train.labels)
    parameters = PARAMETERS | {"num_class": int(train.labels.max()) + 1, "seed": SEED}
    matrix = xgboost.DMatrix(selector.transform(train.raw), label=train.labels)
    booster = xgboost.train(parameters, matrix, TREES)

    def micro_f1(part: Examples) -> float:
        scores = booster.predict(xgboost.DMatrix(selector.transform(part.raw)))
        return float(f1_score(part.labels, scores.argmax(axis=1), average="micro"))

    return Point(selector.get_support(indices=True), micro_f1(train), micro_f1(test))


def ours(train: Examples, test: Examples) -> dict[int, Point]:
    """Score every value once, then fit and measure on all cores."""
    scores = mutual_information(train.raw, train.labels, SEED)
    points = sweep(train, test, scores, RECIPES["pixels"], SEED)
    return {point.k: Point(select_best(scores, point.k), *point[1:]) for point in points}


WAYS = {"notebook": notebook, "ours": ours}


def read(folder: Path) -> tuple[Examples, Examples]:
    """Return the photos to learn from and those to test on, as `train` splits them."""
    dataset, raw, _ = extract(scan(folder), "pixels", mirrored=False)
    examples = Examples(raw, None, np.asarray(dataset.labels))
    test = hold_out(dataset, SEED)
    return examples.rows(np.setdiff1d(np.arange(len(raw)), test)), examples.rows(test)


@contextmanager
def photos(given: Path | None) -> Iterator[Path]:
    with TemporaryDirectory() as temporary:
        if given is None:
            write_samples(Path(temporary), DRAWN, SEED)
        yield given or Path(temporary)


def compare(train: Examples, test: Examples, rounds: int) -> None:
    """Run both, and print where they differ (nowhere) and how long they took."""
    results: dict[str, dict[int, Point]] = {}

    def run(way: str) -> None:
        results[way] = WAYS[way](train, test)

    found = medians({way: partial(run, way) for way in WAYS}, rounds)
    print(f"{'k':>6}{'micro F1 in training':>22}{'held out':>10}  same values, same F1")
    for k, point in results["notebook"].items():
        other = results["ours"][k]
        same = np.array_equal(point.selection, other.selection), point[1:] == other[1:]
        words = ", ".join("yes" if equal else "NO" for equal in same)
        print(f"{k:>6}{point.train:>22.3f}{point.test:>10.3f}  {words}")
    ratio = found["notebook"] / found["ours"]
    print(f"\nnotebook {found['notebook']:.1f} s, ours {found['ours']:.1f} s: {ratio:.1f}x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=1, help="runs of each, in turn (1)")
    arguments = parser.parse_args()
    with photos(arguments.photos) as folder:
        train, test = read(folder)
    print(f"{len(train.labels)} photos to learn from, {len(test.labels)} held out")
    compare(train, test, arguments.rounds)


if __name__ == "__main__":
    main()
