"""The report's pictures, as PNG, the same bytes for the same numbers."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

from model_code.calibration import Bin
from model_code.sweep import SweepPoint

INK, BLUE, ORANGE = "#24292f", "#3b76b5", "#d2691e"


def axis_names(brands: Sequence[str]) -> list[str]:
    """Return the brands, or their numbers where the plots' font lacks a letter of one.

    The page around the plot tells which number is which brand.
    """
    font = get_font(findfont(FontProperties()))
    return [
        brand if all(font.get_char_index(ord(letter)) for letter in brand) else f"#{number}"
        for number, brand in enumerate(brands, start=1)
    ]


def plot_confusion(confusion: Sequence[Sequence[int]], brands: Sequence[str], path: Path) -> None:
    """Draw photos by actual (row) and predicted (column) brand, shaded by share of the row."""
    counts = np.asarray(confusion)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names, side = axis_names(brands), 1.6 + 0.55 * len(brands)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        color = "white" if share[row, column] > 0.5 else INK
        axes.text(column, row, str(count), ha="center", va="center", color=color)
    ticks = range(len(brands))
    # A folder's name is no formula, not even with dollar signs in it.
    axes.set_xticks(ticks, names, rotation=45, ha="right", parse_math=False)
    axes.set_yticks(ticks, names, parse_math=False)
    axes.set_xlabel("predicted")
    axes.set_ylabel("actual")
    _save(figure, path)


def plot_sweep(points: Sequence[SweepPoint], k: int, path: Path) -> None:
    """Draw micro F1 over the number of values kept; the recipe's k is marked."""
    figure = Figure(figsize=(6.4, 3.4), layout="constrained")
    axes = figure.add_subplot()
    ks = [point.k for point in points]
    axes.plot(ks, [point.train for point in points], "o-", color=ORANGE, label="training photos")
    axes.plot(ks, [point.test for point in points], "o-", color=BLUE, label="held-out photos")
    axes.axvline(k, color=INK, linewidth=1, linestyle=":", label=f"this release: k = {k}")
    axes.set_xlabel("k, values kept by mutual information")
    axes.set_ylabel("micro F1")
    axes.set_ylim(0, 1.03)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", frameon=False)
    _save(figure, path)


def plot_reliability(bins: Sequence[Bin], path: Path) -> None:
    """Draw the share of right answers over their probability; on the diagonal they are honest."""
    figure = Figure(figsize=(3.6, 3.6), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], ":", color=INK, linewidth=1)
    _, probabilities, right = zip(*bins, strict=True)
    axes.plot(probabilities, right, color=BLUE, linewidth=1)
    photos = sum(count for count, _, _ in bins)
    sizes = [20 + 300 * count / photos for count, _, _ in bins]
    axes.scatter(probabilities, right, s=sizes, color=BLUE, zorder=3)
    axes.set_xlabel("probability of the answer")
    axes.set_ylabel("share that is right")
    axes.set_xlim(0, 1.03)
    axes.set_ylim(0, 1.03)
    axes.grid(alpha=0.3)
    _save(figure, path)


def plot_comparison(scores: Mapping[str, Sequence[float]], path: Path) -> None:
    """Draw each recipe's micro F1, a dot a fold and a bar at the mean."""
    figure = Figure(figsize=(6.4, 0.8 + 0.6 * len(scores)), layout="constrained")
    axes = figure.add_subplot()
    for row, values in enumerate(scores.values()):
        axes.scatter(values, [row] * len(values), color=BLUE, alpha=0.5, s=18, linewidths=0)
        axes.plot([np.mean(values)] * 2, [row - 0.25, row + 0.25], color=ORANGE, linewidth=2.5)
    axes.set_yticks(range(len(scores)), list(scores), parse_math=False)
    axes.invert_yaxis()
    axes.set_xlabel("micro F1 on held-out photos, a dot a fold")
    axes.set_xlim(0, 1.01)
    axes.grid(axis="x", alpha=0.3)
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    with mpl.rc_context({"font.size": 10}):
        figure.savefig(path, dpi=144, metadata={"Software": None})
