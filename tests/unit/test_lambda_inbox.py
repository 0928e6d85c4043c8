"""Uploads and feedback: what is signed, what is kept, and what is not."""

import base64
import hashlib
import io
import json
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from PIL import Image, ImageCms, PngImagePlugin

from tests.unit.conftest import FakeS3, Invoke, client_error
from tests.unit.odd_photos import animation
from tests.unit.test_lambda import assert_problem

REQUEST = "158b8b31-bdbf-4432-bc6a-25958c838240"
UPLOAD = "0123456789abcdef" * 2
FEEDBACK, UPLOADS = "/v1/feedback", "/v1/uploads"


@pytest.fixture
def brand(served: Any) -> str:
    return str(served.brands[0])


def in_base64(photo: bytes) -> str:
    return base64.b64encode(photo).decode()


def with_metadata(kind: str) -> bytes:
    """Make a photo that lies on its side and says where, when and by whom."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees
    exif[0x010E] = "hidden description"
    exif.get_ifd(0x8825)[1] = "hidden place"
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "hidden author")
    more: dict[str, Any] = {
        "JPEG": {"comment": b"hidden comment", "xmp": b"hidden xmp"},
        "PNG": {"pnginfo": text},
        "WEBP": {"xmp": b"hidden xmp"},
    }
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = io.BytesIO()
    image = Image.new("RGB", (64, 48), "brown")
    image.save(file, kind, exif=exif, icc_profile=profile, **more[kind])
    assert file.getvalue().count(b"hidden") >= 2
    return file.getvalue()


# ---- Uploads


def test_a_form_takes_one_key_one_type_and_a_size(post_json: Invoke) -> None:
    response = post_json(UPLOADS, {"content_type": "image/jpeg"})
    document = response["document"]
    assert response["statusCode"] == 201
    assert (document["expires_in"], document["max_bytes"]) == (600, 25 * 1024 * 1024)
    key = f"uploads/{document['upload']}"
    assert len(document["upload"]) == 32 and document["fields"]["key"] == key
    assert document["fields"]["Content-Type"] == "image/jpeg"
    policy = json.loads(base64.b64decode(document["fields"]["policy"]))
    for condition in (
        {"key": key}, {"bucket": "an-inbox"}, {"Content-Type": "image/jpeg"},
        ["content-length-range", 1, 25 * 1024 * 1024],
    ):  # fmt: skip
        assert condition in policy["conditions"]
    assert "an-inbox" in document["url"]


def test_a_form_is_posted_to_the_buckets_own_region(cold_start: Any) -> None:
    """The global address sends on to it while a bucket is new, and a form is not sent on."""
    form = cold_start._client("s3").generate_presigned_post("an-inbox", "uploads/some")
    assert form["url"] == "https://an-inbox.s3.ap-northeast-2.amazonaws.com/"
    assert form["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


def test_no_two_uploads_have_the_same_id(post_json: Invoke) -> None:
    ids = {post_json(UPLOADS, {"content_type": "image/png"})["document"]["upload"] for _ in "123"}
    assert len(ids) == 3


@pytest.mark.parametrize(
    "document",
    [{}, [], {"content_type": "image/gif"}, {"content_type": ["image/png"]},
     {"content_type": "image/png", "key": "mine"}],
    ids=str,
)  # fmt: skip
def test_another_upload_is_a_problem(post_json: Invoke, document: object) -> None:
    assert_problem(post_json(UPLOADS, document), 400, "invalid-json")


@pytest.mark.parametrize("path", [UPLOADS, FEEDBACK])
def test_what_is_not_sent_as_json_is_a_problem(invoke: Invoke, path: str) -> None:
    response = invoke(path=path, body="{}", Content_Type="text/plain")
    assert_problem(response, 415, "unsupported-media-type")


# ---- Feedback


def test_feedback_is_kept_with_the_answers_id_and_nothing_about_a_person(
    post_json: Invoke, s3: FakeS3, brand: str, served: Any
) -> None:
    response = post_json(FEEDBACK, {"request_id": REQUEST, "brand": brand})
    feedback = response["document"]["feedback"]
    assert (response["statusCode"], response["document"]["kept_photo"]) == (200, False)
    ((key, body),) = s3.objects.items()
    assert key == f"feedback/{REQUEST}/{feedback}.json"
    record = json.loads(body)
    assert record.pop("time").endswith("+00:00")
    assert record == {
        "feedback": feedback, "request_id": REQUEST, "brand": brand, "release": served.id,
        "photo": None,
    }  # fmt: skip


def test_none_of_the_brands_is_feedback_too(post_json: Invoke, s3: FakeS3) -> None:
    assert post_json(FEEDBACK, {"request_id": REQUEST, "brand": None})["statusCode"] == 200
    ((_, body),) = s3.objects.items()
    assert json.loads(body)["brand"] is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_upright_and_without_its_metadata(
    post_json: Invoke, s3: FakeS3, brand: str, kind: str
) -> None:
    said = {"request_id": REQUEST, "brand": brand, "photo": in_base64(with_metadata(kind))}
    document = post_json(FEEDBACK, {**said, "keep_photo": True})["document"]
    assert document["kept_photo"] is True
    key = f"feedback-photos/{REQUEST}/{document['feedback']}.jpg"
    record = s3.objects[f"feedback/{REQUEST}/{document['feedback']}.json"]
    assert json.loads(record)["photo"] == key
    with Image.open(io.BytesIO(s3.objects[key])) as kept:
        assert (kept.format, kept.size) == ("JPEG", (48, 64))
        assert not kept.getexif() and not {"comment", "icc_profile", "xmp", "exif"} & set(kept.info)
    assert not any(b"hidden" in body for body in s3.objects.values())


def test_of_a_file_with_several_photos_the_first_is_kept(
    post_json: Invoke, s3: FakeS3, brand: str
) -> None:
    said = {"request_id": REQUEST, "brand": brand, "photo": in_base64(animation("MPO"))}
    feedback = post_json(FEEDBACK, {**said, "keep_photo": True})["document"]["feedback"]
    with Image.open(io.BytesIO(s3.objects[f"feedback-photos/{REQUEST}/{feedback}.jpg"])) as kept:
        assert kept.format == "JPEG"


def test_an_upload_is_kept_as_a_photo(
    post_json: Invoke, s3: FakeS3, photo: bytes, brand: str
) -> None:
    s3.objects[f"uploads/{UPLOAD}"] = photo
    said = {"request_id": REQUEST, "brand": brand, "upload": UPLOAD, "keep_photo": True}
    feedback = post_json(FEEDBACK, said)["document"]["feedback"]
    assert f"feedback-photos/{REQUEST}/{feedback}.jpg" in s3.objects


def test_sent_again_it_is_kept_once_and_answered_the_same(
    post_json: Invoke, s3: FakeS3, photo: bytes, brand: str
) -> None:
    said = {
        "request_id": REQUEST, "brand": brand, "photo": in_base64(photo), "keep_photo": True,
    }  # fmt: skip
    first = post_json(FEEDBACK, said)["document"]
    there = set(s3.objects)
    assert post_json(FEEDBACK, said)["document"] == first
    assert set(s3.objects) == there
    digest = hashlib.sha256(photo).hexdigest()
    expected = hashlib.sha256(json.dumps([REQUEST, brand, digest]).encode()).hexdigest()[:16]
    assert first["feedback"] == expected


def test_a_word_that_is_taken_back_is_the_last_one_again(
    post_json: Invoke, s3: FakeS3, brand: str
) -> None:
    for said in (brand, None, brand):
        post_json(FEEDBACK, {"request_id": REQUEST, "brand": said})
    records = [json.loads(body) for body in s3.objects.values()]
    assert len(records) == 2
    assert max(records, key=lambda record: datetime.fromisoformat(record["time"]))["brand"] == brand


def test_a_photo_whose_record_could_not_be_kept_is_found_by_the_answers_id(
    post_json: Invoke, s3: FakeS3, photo: bytes, brand: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = s3.put_object

    def no_record(**request: Any) -> None:
        if request["Key"].endswith(".json"):
            raise client_error("SlowDown")
        put(**request)

    monkeypatch.setattr(s3, "put_object", no_record)
    said = {"request_id": REQUEST, "brand": brand, "photo": in_base64(photo), "keep_photo": True}
    assert_problem(post_json(FEEDBACK, said), 503, "inbox-failed")
    assert [key.rpartition("/")[0] for key in s3.objects] == [f"feedback-photos/{REQUEST}"]


def test_another_feedback_on_the_same_answer_is_kept_beside_it(
    post_json: Invoke, s3: FakeS3, served: Any
) -> None:
    for brand in [*served.brands, None]:
        post_json(FEEDBACK, {"request_id": REQUEST, "brand": brand})
    assert len(s3.objects) == len(served.brands) + 1


@pytest.mark.parametrize("keep", [{}, {"keep_photo": False}])
@pytest.mark.parametrize("sent", ["photo", "upload"])
def test_a_photo_without_permission_is_refused_and_nothing_is_kept(
    post_json: Invoke, s3: FakeS3, brand: str, photo: bytes, sent: str, keep: dict[str, bool]
) -> None:
    said = {"request_id": REQUEST, "brand": brand, sent: in_base64(photo), **keep}
    assert_problem(post_json(FEEDBACK, said), 400, "no-permission")
    assert not s3.objects


@pytest.mark.parametrize(
    ("changed", "status", "kind"),
    [
        ({"request_id": None}, 400, "invalid-json"),
        ({"request_id": "request-1"}, 400, "invalid-json"),
        ({"request_id": f"../{REQUEST}"}, 400, "invalid-json"),
        ({"request_id": REQUEST.upper()}, 400, "invalid-json"),
        ({"brand": "chicken"}, 400, "unknown-brand"),
        ({"brand": ["BBQ"]}, 400, "unknown-brand"),
        ({"brand": {}}, 400, "unknown-brand"),
        ({"brand": "\ud800"}, 400, "unknown-brand"),
        ({"keep_photo": True}, 400, "invalid-json"),
        ({"keep_photo": "yes"}, 400, "invalid-json"),
        ({"photo": 1, "keep_photo": True}, 400, "invalid-json"),
        ({"photo": "", "upload": UPLOAD, "keep_photo": True}, 400, "invalid-json"),
        ({"photo": "?", "keep_photo": True}, 400, "invalid-base64"),
        ({"photo": "", "keep_photo": True}, 400, "empty"),
        ({"photo": "aGk=", "keep_photo": True}, 415, "not-a-photo"),
        ({"upload": UPLOAD, "keep_photo": True}, 404, "upload-unknown"),
        ({"comment": "tasty"}, 400, "invalid-json"),
    ],
    ids=str,
)
def test_what_is_no_feedback_is_a_problem_and_nothing_is_kept(
    post_json: Invoke, s3: FakeS3, brand: str, changed: dict[str, Any], status: int, kind: str
) -> None:
    said = {"request_id": REQUEST, "brand": brand, **changed}
    assert_problem(post_json(FEEDBACK, said), status, kind)
    assert not s3.objects


def test_a_feedback_without_a_brand_is_a_problem_that_names_the_brands(
    post_json: Invoke, served: Any
) -> None:
    response = post_json(FEEDBACK, {"request_id": REQUEST})
    assert_problem(response, 400, "unknown-brand")
    assert all(brand in response["document"]["detail"] for brand in served.brands)


# ---- S3 in trouble


@pytest.mark.parametrize("error", [
    client_error("SlowDown"), client_error("NoSuchBucket"),
    EndpointConnectionError(endpoint_url="secret"),
], ids=str)  # fmt: skip
@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("/v1/predict", {"upload": UPLOAD}),
        (FEEDBACK, {"request_id": REQUEST, "brand": None}),
    ],
)
def test_an_s3_in_trouble_is_a_problem_without_its_inner_workings(
    post_json: Invoke, s3: FakeS3, error: Exception, path: str, document: object
) -> None:
    s3.error = error
    response = post_json(path, document)
    assert_problem(response, 503, "inbox-failed")
    assert "secret" not in response["body"]
    assert response["headers"]["Retry-After"] == "1"


def test_an_upload_that_may_not_be_read_is_as_good_as_unknown(
    post_json: Invoke, s3: FakeS3
) -> None:
    s3.error = client_error("AccessDenied")  # what S3 says of a missing key to who may not list
    assert_problem(post_json("/v1/predict", {"upload": UPLOAD}), 404, "upload-unknown")


def test_photos_uploads_and_feedback_are_not_logged(
    post_json: Invoke, s3: FakeS3, brand: str, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = with_metadata("JPEG")
    s3.objects[f"uploads/{UPLOAD}"] = photo
    post_json("/v1/predict", {"upload": UPLOAD})
    said = {"request_id": REQUEST, "brand": brand, "upload": UPLOAD, "keep_photo": True}
    post_json(FEEDBACK, said)
    post_json(UPLOADS, {"content_type": "image/jpeg"})
    logged = capsys.readouterr().out
    assert "hidden" not in logged and UPLOAD not in logged and "olicy" not in logged
