"""Small, blurred and text: each is found, and a plain good photo is not."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from model_code.curation.duplicates import Pairs
from model_code.curation.evidence import Evidence
from model_code.curation.finding import PROPOSED, graded
from model_code.curation.measures import Measures, measure, measure_image
from model_code.curation.pixel_finders import blurred, card, small
from model_code.dataset import Dataset, Photo, file_sha256
from model_code.errors import UserError
from tests.unit.curation.conftest import scene


def evidence(*images: Image.Image) -> Evidence:
    records = np.array([measure_image(image, image.size) for image in images])
    measures = Measures(*(records[name] for name in Measures._fields))
    nothing = np.zeros((len(images), 1), np.float32)
    copies = Pairs(np.empty((0, 2), np.intp), np.empty(0, np.float32))
    return Evidence(Dataset((), (), (), ""), measures, nothing, copies, {})


def text_card(ground: str = "#f4e3c1") -> Image.Image:
    image = Image.new("RGB", (600, 600), ground)
    draw = ImageDraw.Draw(image)
    for line in range(6):
        draw.text((50, 60 + line * 80), "NEW MENU 2+1", "#402010", ImageFont.load_default(60))
    return image


def screenshot() -> Image.Image:
    """Draw an app around a photo."""
    image = Image.new("RGB", (540, 960), "white")
    image.paste(scene(4).resize((540, 300)), (0, 120))
    draw = ImageDraw.Draw(image)
    for line in range(12):
        draw.text((20, 450 + line * 40), "someone and others like this", "black")
    return image


def test_small_goes_by_the_shorter_side() -> None:
    found = small(evidence(scene(1, (640, 480)), scene(1, (640, 90)), scene(1, (40, 40))))
    assert found.scores[0] == 0
    assert PROPOSED <= found.scores[1] < found.scores[2]
    assert found.reasons[1] == "only 640x90 px"


@pytest.mark.parametrize("size", [(400, 300), (1600, 1200)])
def test_a_blur_counts_in_proportion_to_the_photo(size: tuple[int, int]) -> None:
    sharp = scene(1).resize(size, Image.Resampling.LANCZOS)
    blurs = [sharp.filter(ImageFilter.GaussianBlur(share * size[0])) for share in (0, 0.01, 0.03)]
    scores = blurred(evidence(*blurs)).scores
    assert scores[0] < PROPOSED <= min(scores[1:])


def test_a_sharp_dish_before_a_soft_ground_is_not_blurred() -> None:
    photo = scene(1).filter(ImageFilter.GaussianBlur(15))
    photo.paste(scene(1).crop((240, 180, 440, 340)), (240, 180))
    assert blurred(evidence(photo)).scores[0] < PROPOSED


def test_cards_and_screenshots_are_found_and_scenes_are_not() -> None:
    white = Image.new("RGB", (640, 480), "white")
    white.paste(scene(3).resize((460, 340)), (90, 70))
    images = [text_card(), text_card("black"), screenshot(), scene(1), white]
    scores = card(evidence(*images)).scores
    assert (scores[:3] >= PROPOSED).all()
    assert (scores[3:] < PROPOSED).all()


def test_one_plain_colour_is_proposed_and_stops_nothing() -> None:
    plain = evidence(Image.new("RGB", (300, 300), "red"), Image.new("RGB", (16, 16)))
    for finder in (small, blurred, card):
        assert np.isfinite(finder(plain).scores).all()
    assert blurred(plain).scores[0] == card(plain).scores[0] == 1


def test_measures_are_kept_by_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "one.png"
    scene(1).save(path)
    photo = Photo("a", path, file_sha256(path))
    first = measure([photo])
    path.unlink()
    for one, again in zip(first, measure([photo]), strict=True):
        np.testing.assert_array_equal(one, again)


def test_a_photo_that_went_away_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"gone\.png cannot be read any more"):
        measure([Photo("a", tmp_path / "gone.png", "0" * 64)])
    shutil.copyfile(__file__, tmp_path / "text.png")
    with pytest.raises(UserError, match=r"text\.png cannot be read any more.*not a photo"):
        measure([Photo("a", tmp_path / "text.png", "1" * 64)])


def test_grades_rise_from_harmless_to_certain_in_either_direction() -> None:
    rising = graded([0, 1, 1.5, 2, 4, 9], harmless=1, doubtful=2, certain=4)
    falling = graded([9, 4, 2, 1], harmless=4, doubtful=2, certain=1)
    assert rising.tolist() == [0, 0, 0.25, PROPOSED, 1, 1]
    assert falling.tolist() == [0, 0, PROPOSED, 1]
