"""Several photos, uploads and feedback over HTTP, against the deployed stack and its bucket."""

import base64
import io
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
import urllib3
from PIL import Image

from tests.local.conftest import ARTIFACTS, Answer, Deployment
from tests.local.test_api import assert_problem

JSON = "application/json"


@pytest.fixture(scope="module")
def photos(photo_folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(photo_folder.glob("*/[0-6].png"))[:20]]


def post_json(deployment: Deployment, path: str, document: object) -> Answer:
    return deployment.request("POST", path, json.dumps(document).encode(), Content_Type=JSON)


def upload(deployment: Deployment, photo: bytes, content_type: str = "image/png") -> str:
    """Upload a photo as a client does: ask for a form, then post it to S3."""
    answer = post_json(deployment, "/v1/uploads", {"content_type": content_type})
    assert answer.status == 201
    assert send(answer.document, photo) == 204
    return str(answer.document["upload"])


def send(form: dict[str, Any], photo: bytes, **changed: str) -> int:
    fields = {**form["fields"], **changed, "file": ("photo", photo)}
    return urllib3.request("POST", form["url"], fields=fields).status


def kept(deployment: Deployment, prefix: str) -> dict[str, bytes]:
    s3, bucket = deployment.cloud.client("s3"), deployment.output(ARTIFACTS, "InboxName")
    found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    keys = [item["Key"] for item in found]
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def test_twenty_photos_get_the_answers_that_each_gets_alone(
    deployment: Deployment, photos: list[bytes]
) -> None:
    texts = [base64.b64encode(photo).decode() for photo in photos]
    answer = post_json(deployment, "/v1/predict", {"photos": texts})
    assert answer.status == 200 and len(answer.document["answers"]) == len(photos) == 20
    last = deployment.request("POST", "/v1/predict", photos[-1], Content_Type="image/png")
    assert answer.document["answers"][-1]["probabilities"] == last.document["probabilities"]


def test_a_form_gets_an_answer_for_each_file(deployment: Deployment, photos: list[bytes]) -> None:
    files = [("photo", ("a.png", photos[0])), ("photo", ("b.png", b"no photo"))]
    body, content_type = urllib3.filepost.encode_multipart_formdata(files)
    answer = deployment.request("POST", "/v1/predict", body, Content_Type=content_type)
    good, bad = answer.document["answers"]
    assert good["brand"] and bad["status"] == 415


def test_an_uploaded_photo_of_twelve_megapixels_gets_its_answer(deployment: Deployment) -> None:
    file = io.BytesIO()
    Image.effect_noise((4000, 3000), 90).convert("RGB").save(file, "JPEG", quality=95)
    photo = file.getvalue()
    assert len(photo) > 4_500_000  # more than the gateway takes
    answer = post_json(
        deployment, "/v1/predict", {"upload": upload(deployment, photo, "image/jpeg")}
    )
    assert answer.status == 200 and answer.document["brand"]


def test_uploads_are_answered_together(deployment: Deployment, photos: list[bytes]) -> None:
    ids = [upload(deployment, photos[0]), "0" * 32]
    good, unknown = post_json(deployment, "/v1/predict", {"uploads": ids}).document["answers"]
    assert good["brand"] and unknown["type"].endswith(":upload-unknown")


def test_a_form_takes_nothing_but_what_it_was_signed_for(
    deployment: Deployment, photos: list[bytes]
) -> None:
    form = post_json(deployment, "/v1/uploads", {"content_type": "image/png"}).document
    before = kept(deployment, "")
    assert send(form, photos[0], key="uploads/another") == 403
    assert send(form, photos[0], **{"Content-Type": "text/html"}) == 403
    assert send(form, b"") == 400
    assert send(form, bytes(form["max_bytes"] + 1)) == 400
    assert kept(deployment, "") == before
    answer = post_json(deployment, "/v1/predict", {"upload": form["upload"]})
    assert_problem(answer, 404, "upload-unknown")


def test_feedback_with_its_photo_is_kept_once(deployment: Deployment, photos: list[bytes]) -> None:
    asked = deployment.request("POST", "/v1/predict", photos[0], Content_Type="image/png")
    said = {
        "request_id": asked.document["request_id"], "brand": asked.document["brand"],
        "photo": base64.b64encode(photos[0]).decode(), "keep_photo": True,
    }  # fmt: skip
    first, second = (post_json(deployment, "/v1/feedback", said) for _ in range(2))
    assert first.status == second.status == 200
    assert first.document["feedback"] == second.document["feedback"]
    ((key, body),) = kept(deployment, f"feedback/{said['request_id']}/").items()
    record = json.loads(body)
    assert key.endswith(f"/{first.document['feedback']}.json") and record["brand"] == said["brand"]
    ((_, jpeg),) = kept(deployment, record["photo"]).items()
    with Image.open(io.BytesIO(jpeg)) as image:
        assert image.format == "JPEG"


def test_feedback_without_permission_keeps_nothing(
    deployment: Deployment, photos: list[bytes]
) -> None:
    request_id = str(uuid.uuid4())
    said = {"request_id": request_id, "brand": None, "photo": ""}
    assert_problem(post_json(deployment, "/v1/feedback", said), 400, "no-permission")
    assert not kept(deployment, f"feedback/{request_id}/")


def test_each_answer_has_its_ids_in_its_headers(
    deployment: Deployment, release_folder: Path
) -> None:
    for path in ("/v1/health", "/v1/nothing"):
        answer = deployment.request("GET", path)
        assert answer.headers["X-Request-Id"] == answer.document["request_id"]
        assert answer.headers["X-Release-Id"] == release_folder.name


def test_the_page_is_served(deployment: Deployment) -> None:
    response = urllib3.request("GET", f"{deployment.url}/", retries=False)
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "script-src 'sha256-" in response.headers["Content-Security-Policy"]
