"""The report with names that plots cannot draw, and with few photos."""

import shutil
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from model_code.plots import axis_names, plot_confusion


def test_a_name_that_the_plots_cannot_draw_becomes_a_number() -> None:
    assert axis_names(["BBQ", "교촌", "café"]) == ["BBQ", "#2", "café"]


def test_names_in_any_script_are_drawn_without_a_warning(tmp_path: Path) -> None:
    plot_confusion([[1, 0], [0, 1]], ["교촌", "굽네"], tmp_path / "plot.png")


def test_names_that_look_like_mathematics_are_drawn_as_they_are(tmp_path: Path) -> None:
    """Matplotlib reads text between dollar signs as TeX."""
    plot_confusion([[1, 0], [0, 1]], ["$\\bad$", "a_b^c"], tmp_path / "plot.png")


def test_a_strip_of_fewer_than_six_photos_has_its_captions_below_them(
    photo_folder: Path, train_release: Callable[..., Path], tmp_path: Path
) -> None:
    photos = Path(shutil.copytree(photo_folder, tmp_path / "photos"))
    shutil.rmtree(photos / "nene")
    for path in (path for brand in photos.iterdir() for path in sorted(brand.iterdir())[8:]):
        path.unlink()
    folder = train_release(photos) / "report"
    with Image.open(folder / "most-certain.png") as strip:
        shown = strip.width // strip.height
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert shown == 4
    assert text.count('<td colspan="4">') == 2
