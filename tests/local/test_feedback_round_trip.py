"""A wrong answer -> feedback -> a training folder -> a new release -> the right answer."""

import base64
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.local.conftest import ARTIFACTS, Answer, Deployment

GIVEN = 12  # photos with feedback


@pytest.fixture(scope="module")
def striped() -> list[bytes]:
    """Draw photos of a look that no photo of the training has; the last one is never given."""
    rng = np.random.default_rng(5)
    down, right = np.indices((96, 96))
    photos = []
    for _ in range(GIVEN + 1):
        width, slant = rng.integers(6, 12), rng.uniform(0.5, 1.5)
        stripes = (down + right * slant) // width % 2
        colors = np.where(stripes[..., np.newaxis], (40, 60, 190), (230, 230, 240))
        pixels = np.clip(rng.normal(colors, 8), 0, 255).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        photos.append(file.getvalue())
    return photos


@pytest.fixture
def restored(deployment: Deployment, release_folder: Path) -> Iterator[None]:
    yield
    deployment.go_live(release_folder)


@pytest.fixture
def empty_inbox(deployment: Deployment) -> None:
    """Take away what other tests said."""
    s3, bucket = deployment.cloud.client("s3"), deployment.output(ARTIFACTS, "InboxName")
    for item in s3.list_objects_v2(Bucket=bucket, Prefix="feedback").get("Contents", []):
        s3.delete_object(Bucket=bucket, Key=item["Key"])


def ask(deployment: Deployment, photo: bytes) -> Answer:
    answer = deployment.request("POST", "/v1/predict", photo, Content_Type="image/png")
    assert answer.status == 200, answer.document
    return answer


def tell(deployment: Deployment, answer: Answer, brand: str | None, photo: bytes) -> str:
    """Say what a photo really was, and let it be kept; return the feedback's id."""
    said = {
        "request_id": answer.document["request_id"],
        "brand": brand,
        "photo": base64.b64encode(photo).decode(),
        "keep_photo": True,
    }
    kept = deployment.request(
        "POST", "/v1/feedback", json.dumps(said).encode(), Content_Type="application/json"
    )
    assert kept.status == 200, kept.document
    return str(kept.document["feedback"])


@pytest.mark.usefixtures("empty_inbox", "restored")
def test_feedback_mends_a_wrong_answer(
    deployment: Deployment, photo_folder: Path, striped: list[bytes], tmp_path: Path
) -> None:
    *given, unseen = striped
    before = ask(deployment, unseen)
    # What these photos are is ours to say: the brand that the release thinks of last.
    truth = before.document["probabilities"][-1]["brand"]
    assert before.document["brand"] != truth
    told = {tell(deployment, ask(deployment, photo), truth, photo) for photo in given}
    none = tell(deployment, ask(deployment, unseen), None, unseen)

    into = tmp_path / "from-feedback"
    pulled = deployment.model_code("feedback", "--stack", ARTIFACTS, "--into", into)
    assert pulled.returncode == 0, pulled.stderr
    assert f"{truth}: {GIVEN} answers, {GIVEN} with a photo" in pulled.stdout
    assert {path.stem for path in (into / truth).iterdir()} == told
    assert [path.stem for path in (into / ".none").iterdir()] == [none]
    with (into / "feedback.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["feedback"]: row for row in csv.DictReader(file)}
    assert rows.keys() == {*told, none}
    assert {row["release"] for row in rows.values()} == {before.document["release"]}

    options: tuple[str | Path, ...] = (
        *("--work", tmp_path / "work"),
        *("--releases", tmp_path / "releases"),
    )
    trained = deployment.model_code("train", photo_folder, into, *options)
    assert trained.returncode == 0, trained.stderr
    deployment.go_live((tmp_path / "releases" / "latest").resolve())

    after = ask(deployment, unseen)
    assert after.document["release"] != before.document["release"]
    assert after.document["brand"] == truth
