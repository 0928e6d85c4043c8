"""From hashtags to an answer: collect, curate, train, release, deploy, ask. docs/collect.md."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from model_code.__main__ import main
from tests.local.conftest import Deployment
from tests.unit.fake_instagram import FakeInstagram, put_in_place, serving

HASHTAGS = {"kyochon": "교촌치킨", "nene": "네네치킨"}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw photos of all brands, of which two are posted; the last of each is kept to ask with."""
    folder = tmp_path_factory.mktemp("walk") / "drawn"
    assert main(["samples", str(folder), "--photos-per-brand", "13", "--seed", "5"]) == 0
    return folder


def photos_of(drawn: Path, brand: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((drawn / brand).iterdir())]


def text_card() -> bytes:
    card = Image.new("RGB", (640, 640), "white")
    draw = ImageDraw.Draw(card)
    for line in range(9):
        draw.text((60, 60 + 55 * line), "two for one, this week only!", "black", font_size=32)
    return as_jpeg(card)


def smaller(photo: bytes) -> bytes:
    return as_jpeg(Image.open(io.BytesIO(photo)).resize((480, 480)))


def as_jpeg(image: Image.Image) -> bytes:
    content = io.BytesIO()
    image.save(content, "JPEG", quality=80)
    return content.getvalue()


@pytest.fixture
def instagram(
    drawn: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[FakeInstagram]:
    """Serve the photos in the place of Instagram: a flyer among them, and one photo stolen."""
    with serving(FakeInstagram()) as fake:
        for brand, hashtag in HASHTAGS.items():
            for photo in photos_of(drawn, brand)[:-1]:
                fake.publish(hashtag, photo)
        fake.publish(HASHTAGS["kyochon"], text_card())
        fake.publish(HASHTAGS["nene"], smaller(photos_of(drawn, "kyochon")[0]))
        put_in_place(fake, monkeypatch)
        yield fake


def run(*words: str | Path) -> None:
    assert main(list(map(str, words))) == 0


def name_of(photo: bytes) -> str:
    """Return the file name that `collect` gives a photo."""
    return hashlib.sha256(photo).hexdigest()[:16] + ".jpg"


@pytest.mark.usefixtures("instagram")
def test_from_hashtags_to_an_answer(
    deployment: Deployment, release_folder: Path, drawn: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    photos, work, releases = (tmp_path / name for name in ("photos", "work", "releases"))
    stolen = photos_of(drawn, "kyochon")[0]
    tags = [f"{brand}={hashtag}" for brand, hashtag in HASHTAGS.items()]

    run("collect", "instagram", *tags, "--into", photos)
    assert sum(1 for _ in photos.glob("*/*.jpg")) == 26

    run("curate", photos, "--work", work)
    proposals = (work / "proposals.csv").read_text("utf-8-sig").splitlines()
    for planted, finder in ((text_card(), "card"), (smaller(stolen), "duplicate")):
        assert any(name_of(planted) in line and finder in line for line in proposals)
    run("curate", photos, "--apply", work / "suggestions.json")

    capsys.readouterr()
    run("train", photos, "--work", tmp_path / "training", "--releases", releases)
    told = capsys.readouterr()
    assert "dropped in curation.json" in told.out + told.err
    release = (releases / "latest").resolve()

    try:
        deployment.go_live(release)
        for brand in HASHTAGS:
            photo = photos_of(drawn, brand)[-1]
            answer = deployment.request("POST", "/v1/predict", photo, Content_Type="image/jpeg")
            assert (answer.status, answer.document["brand"]) == (200, brand)
            assert answer.document["release"] == release.name
    finally:
        deployment.go_live(release_folder)
