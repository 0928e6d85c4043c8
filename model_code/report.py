"""The report of a training: metrics as JSON, plots and photos as PNG, one HTML page of all."""

import base64
import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from PIL import Image, ImageOps

from model_code.features import open_photo
from model_code.plots import axis_names, plot_confusion, plot_reliability, plot_sweep
from model_code.release import Release
from model_code.sweep import SweepPoint
from model_code.writing import Trained

PAGE = Path(__file__).with_name("report.html")
SHOWN = 6  # photos a strip
TILE = 160  # px


def write_report(
    folder: Path, release: Release, trained: Trained, points: Sequence[SweepPoint]
) -> None:
    """Write `folder`: metrics.json, confusion.png, sweep.png, strips of photos, report.html."""
    folder.mkdir()
    brands = [brand.id for brand in release.brands]
    metrics = {**release.metrics, "sweep": [point._asdict() for point in points]}
    text = json.dumps(metrics, ensure_ascii=False, indent=1)
    (folder / "metrics.json").write_text(text + "\n", encoding="utf-8")
    plot_confusion(release.metrics["test"]["confusion"], brands, folder / "confusion.png")
    plot_sweep(points, len(release.selection), folder / "sweep.png")
    plot_reliability(release.metrics["test"]["reliability"], folder / "reliability.png")
    sure = _by_certainty(trained)
    strips = {"most": sure[:SHOWN], "least": sure[: -SHOWN - 1 : -1]}
    for name, rows in strips.items():
        _strip([trained.dataset.photos[row].path for row in rows], folder / f"{name}-certain.png")
    (folder / "report.html").write_text(
        _page(folder, release, {name: _captions(trained, rows) for name, rows in strips.items()}),
        encoding="utf-8",
    )


def _by_certainty(trained: Trained) -> list[int]:
    """Return the held-out rows, those with the highest best probability first."""
    return sorted(trained.test, key=lambda row: (-trained.probabilities[row].max(), row))


def _strip(paths: Sequence[Path], target: Path) -> None:
    strip = Image.new("RGB", (TILE * len(paths), TILE))
    for number, path in enumerate(paths):
        tile = ImageOps.fit(open_photo(path.read_bytes()), (TILE, TILE))
        strip.paste(tile, (TILE * number, 0))
    strip.save(target)


def _captions(trained: Trained, rows: Sequence[int]) -> str:
    cells = []
    for row in rows:
        scores = trained.probabilities[row]
        predicted = trained.dataset.brands[int(scores.argmax())].id
        actual = trained.dataset.photos[row].brand
        mark = "right" if predicted == actual else f"is {escape(actual)}"
        cells.append(f"<td>{escape(predicted)} {scores.max():.2f}<br><small>{mark}</small></td>")
    return "<tr>" + "".join(cells) + "</tr>"


def _page(folder: Path, release: Release, captions: dict[str, str]) -> str:
    training = release.training
    recipe = ", ".join(f"{name} {value}" for name, value in _flat(training.recipe))
    test, chosen = release.metrics["test"], release.confidence
    names = axis_names([brand.id for brand in release.brands])
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        release=release.id,
        recipe=escape(recipe),
        seed=training.seed,
        photos=sum(sum(counts.values()) for counts in training.photos.values()),
        train_f1=f"{release.metrics['train']['micro_f1']:.3f}",
        test_f1=f"{test['micro_f1']:.3f}",
        chance=f"{1 / len(release.brands):.2f}",
        train_rows=_metric_rows(release, "train", names),
        test_rows=_metric_rows(release, "test", names),
        most_captions=captions["most"],
        least_captions=captions["least"],
        min_probability=f"{chosen.min_probability:.2f}",
        min_likeness=f"{chosen.min_likeness:.2f}",
        precision=f"{chosen.precision:.0%}",
        calibration_error=f"{test['calibration_error']:.3f}",
        confident_share=f"{test['confident']['share']:.0%}",
        confident_precision=_percent(test["confident"]["precision"]),
        shown=min(SHOWN, sum(counts["test"] for counts in training.photos.values())),
        **{path.stem.replace("-", "_"): _data_uri(path) for path in folder.glob("*.png")},
    )


def _flat(recipe: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in recipe.items():
        if isinstance(value, dict):
            yield from _flat(value)
        else:
            yield name, value


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.0%}"


def _metric_rows(release: Release, part: str, names: Sequence[str]) -> str:
    metrics: dict[str, dict[str, Any]] = release.metrics[part]["brands"]
    rows = []
    for brand, name in zip(release.brands, names, strict=True):
        scores = metrics[brand.id]
        label = " ".join(dict.fromkeys([name, brand.id, brand.name]))
        cells = [f"{scores[key]:.2f}" for key in ("precision", "recall", "f1")]
        cells.append(str(scores["support"]))
        rows.append(f"<tr><th>{escape(label)}</th>" + "".join(f"<td>{cell}</td>" for cell in cells))
    return "\n".join(rows)


def _data_uri(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
