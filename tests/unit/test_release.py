"""Training: the same photos make the same release, byte for byte, and nothing edits one."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import xgboost
from PIL import Image

from model_code.__main__ import main
from model_code.predict import by_release
from model_code.recipe import RECIPES
from model_code.release import Release, read_release
from model_code.release.archive import unpack
from tests.conftest import BRANDS


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def release(release_folder: Path) -> Release:
    return read_release(release_folder)


def test_other_photos_make_another_release(
    release_folder: Path, other_release_folder: Path
) -> None:
    assert release_folder.name != other_release_folder.name


def test_the_recipe_is_told(release: Release) -> None:
    assert release.training.recipe == RECIPES["embedding"].model_dump()
    assert (release.extractor.name, len(release.selection)) == ("embedding", 800)


def test_the_weights_are_in_it_with_their_digest(release: Release, release_folder: Path) -> None:
    weights = (release_folder / "efficientnet-lite0.onnx").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == release.extractor.weights_sha256


def test_the_recipe_of_2019_is_one_flag_away(pixels_release_folder: Path) -> None:
    release = read_release(pixels_release_folder)
    assert (release.extractor.name, len(release.selection)) == ("pixels", 400)
    assert release.extractor.weights_sha256 is None
    xgboost = release.training.recipe["xgboost"]
    assert (xgboost["max_depth"], xgboost["eta"], xgboost["rounds"]) == (5, 0.2, 10)
    assert release.model.objective == "multi:softprob"
    assert release.model.xgboost_version == "3.2.0"


def test_the_folder_is_named_by_its_content(release: Release, release_folder: Path) -> None:
    assert release_folder.name == release.id


def test_golden_photos_are_held_out_ones_one_a_brand(
    release: Release, release_folder: Path
) -> None:
    assert [golden.brand for golden in release.golden] == [brand.id for brand in release.brands]
    predict = by_release(release_folder)
    for golden in release.golden:
        prediction = predict(release_folder / golden.photo)
        recorded = dict(
            zip([brand.id for brand in release.brands], golden.probabilities, strict=True)
        )
        assert prediction.probabilities == pytest.approx(recorded, abs=1e-6)


def test_the_counts_and_scores_are_told(release: Release) -> None:
    assert release.training.photos == {brand: {"train": 9, "test": 3} for brand in BRANDS}
    for part in ("train", "test"):
        assert 0.5 < release.metrics[part]["micro_f1"] <= 1
        support = sum(row["support"] for row in release.metrics[part]["brands"].values())
        assert support == sum(counts[part] for counts in release.training.photos.values())
        assert np.sum(release.metrics[part]["confusion"]) == support


def test_the_container_takes_the_booster_with_plain_columns(release_folder: Path) -> None:
    booster = xgboost.Booster()
    booster.load_model(bytearray(unpack(release_folder / "model.tar.gz")))
    assert booster.feature_names is None
    assert booster.attributes() == {}


def test_training_again_finds_the_release_and_leaves_it(
    release_folder: Path, photo_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(release_folder)
    releases = release_folder.parent
    (releases / "latest").unlink()
    assert main(["train", str(photo_folder), "--releases", str(releases)]) == 0
    assert "trained on before" in capsys.readouterr().out
    assert (releases / "latest").resolve() == release_folder
    assert contents(release_folder) == before


class Page(HTMLParser):
    """What a page shows and loads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_report_is_one_page_that_loads_nothing(release_folder: Path, release: Release) -> None:
    html = (release_folder / "report" / "report.html").read_text()
    page = Page(html)
    assert page.links
    assert all(link.startswith("data:image/png;base64,") for link in page.links)
    assert "url(" not in html and "<script" not in html
    assert release.id in page.text
    assert f"{release.metrics['test']['micro_f1']:.3f}" in page.text
    for brand in BRANDS:
        assert brand in page.text
    assert not re.search(r"\$\w", page.text)


def test_the_report_has_its_parts_as_files_too(release_folder: Path) -> None:
    report = release_folder / "report"
    for name in ("confusion", "sweep", "reliability", "most-certain", "least-certain"):
        with Image.open(report / f"{name}.png") as image:
            image.verify()
    metrics = json.loads((report / "metrics.json").read_text())
    assert [point["k"] for point in metrics["sweep"]] == list(range(1, 1280, 106))


def test_names_are_shown_not_interpreted(
    train_release: Callable[..., Path], photo_folder: Path, tmp_path: Path
) -> None:
    photos = shutil.copytree(photo_folder, tmp_path / "photos")
    hostile = "<script>alert(1)</script> $x"
    (photos / "brands.json").write_text(json.dumps({"BBQ": hostile}))
    page = (train_release(photos) / "report" / "report.html").read_text()
    assert "<script" not in page
    assert hostile in Page(page).text
