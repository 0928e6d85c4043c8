"""Several photos in one request: one answer each, one question to the endpoint."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
import urllib3

from model_code.features import csv_row
from model_code.release import Release
from tests.unit.conftest import Clock, FakeRuntime, FakeS3, Invoke
from tests.unit.test_lambda import assert_problem, image_bytes

UPLOAD = "0123456789abcdef" * 2


def in_base64(photo: bytes) -> str:
    return base64.b64encode(photo).decode()


@pytest.fixture
def several(post_json: Invoke) -> Invoke:
    """Post photos as a list of base64."""

    def send(*photos: bytes) -> dict[str, Any]:
        return post_json("/v1/predict", {"photos": [in_base64(photo) for photo in photos]})

    return send


@pytest.fixture
def form(post: Invoke) -> Invoke:
    """Post a form, as curl and browsers make it."""

    def send(*fields: tuple[str, Any]) -> dict[str, Any]:
        body, content_type = urllib3.filepost.encode_multipart_formdata(fields)
        return post(body, content_type)

    return send


def test_each_photo_gets_its_answer_by_one_question(
    several: Invoke, release: Release, photo: bytes, runtime: FakeRuntime
) -> None:
    document = several(photo, image_bytes((64, 64)), photo)["document"]
    first, _, third = document["answers"]
    assert first == third and first["brand"] in first["probabilities"][0].values()
    assert not {"release", "request_id"} & set(first)
    assert (document["release"], document["request_id"]) == (release.id, "request-1")
    (csv,) = runtime.rows
    rows = csv.split("\n")
    assert rows[0] == rows[2] == csv_row(release.golden[0].features) != rows[1]


def test_a_photo_gets_the_same_answer_alone_and_among_others(
    several: Invoke, post: Invoke, photo: bytes
) -> None:
    alone = post(photo)["document"]
    _, among = several(image_bytes((64, 64)), photo)["document"]["answers"]
    assert among == {name: alone[name] for name in among}


def test_a_list_of_one_is_answered_with_a_list(several: Invoke, photo: bytes) -> None:
    assert len(several(photo)["document"]["answers"]) == 1


def test_bad_photos_do_not_spoil_the_others(
    several: Invoke, photo: bytes, runtime: FakeRuntime
) -> None:
    response = several(b"", photo, b"a text", image_bytes((8, 8)), photo[:200], photo)
    answers = response["document"]["answers"]
    kinds = [answer.get("type", "brand").rpartition(":")[2] for answer in answers]
    assert kinds == ["empty", "brand", "not-a-photo", "too-small", "damaged", "brand"]
    assert [answer.get("status") for answer in answers] == [400, None, 415, 422, 422, None]
    assert response["statusCode"] == 200
    assert all(a["detail"] and "request_id" not in a for a in answers if "type" in a)
    assert len(runtime.rows) == 1


def test_bad_base64_does_not_spoil_the_others(post_json: Invoke, photo: bytes) -> None:
    photos = ["?", in_base64(photo)]
    first, second = post_json("/v1/predict", {"photos": photos})["document"]["answers"]
    assert first["type"].endswith(":invalid-base64") and "brand" in second


def test_where_no_photo_is_good_the_endpoint_is_not_asked(
    several: Invoke, runtime: FakeRuntime
) -> None:
    assert several(b"a text", b"")["statusCode"] == 200
    assert not runtime.rows


def test_photos_for_which_there_is_no_time_do_not_spoil_the_others(
    post_json: Invoke, photo: bytes, s3: FakeS3, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = s3.get_object

    def slowly(**request: str) -> dict[str, Any]:
        clock.remaining -= 8_000
        return read(**request)

    monkeypatch.setattr(s3, "get_object", slowly)
    ids = [f"{number:032x}" for number in range(4)]
    s3.objects |= {f"uploads/{upload}": photo for upload in ids}
    response = post_json("/v1/predict", {"uploads": ids})
    first, second, *others = response["document"]["answers"]
    assert response["statusCode"] == 200 and "brand" in first and "brand" in second
    assert [(each["status"], each["type"].rpartition(":")[2]) for each in others] == [
        (413, "too-slow")
    ] * 2
    assert "fewer at once" in others[0]["detail"]


def test_twenty_are_taken_and_more_are_not(
    several: Invoke, form: Invoke, photo: bytes, runtime: FakeRuntime
) -> None:
    assert len(several(*[photo] * 20)["document"]["answers"]) == 20
    assert_problem(several(*[photo] * 21), 413, "too-many-photos")
    files = [("photo", ("a.png", photo, "image/png"))] * 30
    assert_problem(form(*files), 413, "too-many-photos")
    assert len(runtime.rows) == 1


def test_an_endpoint_in_trouble_is_one_problem(
    several: Invoke, photo: bytes, runtime: FakeRuntime
) -> None:
    runtime.body = b'{"predictions": [{"score": [1.0, 0.0, 0.0]}]}'  # one answer for two
    assert_problem(several(photo, photo), 502, "endpoint-failed")


def test_a_form_of_files_is_answered_in_its_order(form: Invoke, photo: bytes) -> None:
    files = [("a", ("a.png", photo, "image/png")), ("b", ("b.txt", b"text", "text/plain"))]
    first, second = form(*files)["document"]["answers"]
    assert "brand" in first and second["type"].endswith(":not-a-photo")


def test_a_tab_is_as_good_as_a_space_before_the_boundary(post: Invoke, photo: bytes) -> None:
    file = {"photo": ("a.png", photo, "image/png")}
    body, content_type = urllib3.filepost.encode_multipart_formdata(file)
    (answer,) = post(body, content_type.replace("; ", ";\t"))["document"]["answers"]
    assert "brand" in answer


def test_a_form_holds_any_bytes(form: Invoke, photo: bytes, several: Invoke) -> None:
    tail = b"\r\n--\r\n\n\x0b\x0c\x1c\r--boundary--\r\n"
    odd = photo + tail  # decoders stop at the end of the image
    (in_form,) = form(("photo", ("a", odd, "image/png")))["document"]["answers"]
    (as_base64,) = several(odd)["document"]["answers"]
    assert in_form == as_base64


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "multipart/form-data; boundary=b"),
        (b"--b--\r\n", "multipart/form-data; boundary=b"),
        (b"no form", "multipart/form-data; boundary=b"),
        (b"--b\r\nno header", "multipart/form-data; boundary=b"),
        (b"--b\r\n\r\nx\r\n--b--\r\n", "multipart/form-data"),
        (b"--b\r\n\r\nx\r\n--b--\r\n", 'multipart/form-data; boundary=""'),
        (b"--b\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b"),
        (
            b'--b\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\ncut',
            "multipart/form-data; boundary=b",
        ),
    ],
)
def test_what_is_no_form_is_a_problem(post: Invoke, body: bytes, content_type: str) -> None:
    assert_problem(post(body, content_type), 400, "invalid-multipart")


def test_a_field_that_is_no_file_is_a_problem(form: Invoke, photo: bytes) -> None:
    file = ("photo", ("a.png", photo, "image/png"))
    assert_problem(form(file, ("comment", "nice")), 400, "invalid-multipart")


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"photos": []},
        {"photos": "aGk="},
        {"photos": [1]},
        {"photos": ["aGk=", None]},
        {"photo": ["aGk="]},
        {"uploads": []},
        {"upload": 7},
        {"upload": UPLOAD, "photo": "aGk="},
        {"photo": "aGk=", "comment": "nice"},
    ],
    ids=str,
)
def test_other_json_is_a_problem(post_json: Invoke, document: object) -> None:
    assert_problem(post_json("/v1/predict", document), 400, "invalid-json")


@pytest.mark.parametrize(
    "body",
    [
        '{"photo": "aGk=", "photo": "aGk="}',
        '{"photo": NaN}',
        '{"photo": 1e999999}',
        '{"photos": [' + "[" * 50_000,
        "\ufeff{}",
    ],
    ids=["twice", "nan", "huge", "deep", "bom"],
)
def test_odd_json_is_a_problem(invoke: Invoke, body: str) -> None:
    response = invoke(body=body, Content_Type="application/json")
    assert_problem(response, 400, "invalid-json")


def test_uploads_are_answered_like_photos(
    post_json: Invoke, post: Invoke, photo: bytes, s3: FakeS3
) -> None:
    s3.objects[f"uploads/{UPLOAD}"] = photo
    alone = post_json("/v1/predict", {"upload": UPLOAD})["document"]
    assert alone["probabilities"] == post(photo)["document"]["probabilities"]
    unknown = "f" * 32
    two = post_json("/v1/predict", {"uploads": [unknown, UPLOAD]})["document"]["answers"]
    assert two[0]["type"].endswith(":upload-unknown") and two[0]["status"] == 404
    assert two[1]["probabilities"] == alone["probabilities"]


def test_an_upload_may_be_larger_than_a_photo_that_is_sent(
    post_json: Invoke, photo: bytes, s3: FakeS3
) -> None:
    s3.objects[f"uploads/{UPLOAD}"] = photo + bytes(5_000_000)
    assert post_json("/v1/predict", {"upload": UPLOAD})["statusCode"] == 200
    s3.objects[f"uploads/{UPLOAD}"] = bytes(25 * 1024 * 1024 + 1)
    assert_problem(post_json("/v1/predict", {"upload": UPLOAD}), 413, "too-large")


def test_an_upload_that_is_there_twice_is_a_problem(
    post_json: Invoke, photo: bytes, s3: FakeS3
) -> None:
    s3.objects[f"uploads/{UPLOAD}"] = photo
    twice = {"uploads": [UPLOAD, "f" * 32, UPLOAD]}
    assert_problem(post_json("/v1/predict", twice), 400, "invalid-json")


@pytest.mark.parametrize(
    "upload", ["f" * 32, "", "../feedback/x", "F" * 32, "f" * 33, "닭", "\ud800"]
)
def test_an_unknown_upload_is_a_problem(post_json: Invoke, upload: str) -> None:
    assert_problem(post_json("/v1/predict", {"upload": upload}), 404, "upload-unknown")


Said = Callable[[], dict[str, Any]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    def parsed() -> dict[str, Any]:
        (text,) = capsys.readouterr().out.splitlines()
        document: dict[str, Any] = json.loads(text)
        return document

    return parsed


def test_the_line_counts_the_photos_and_what_was_refused(
    several: Invoke, photo: bytes, said: Said
) -> None:
    several(photo, b"a text", photo, b"")
    line = said()
    assert (line["photos"], line["Answers"], line["Errors"]) == (4, 2, 0)
    assert line["refused"] == {"not-a-photo": 1, "empty": 1}
    assert line["photo_bytes"] == 2 * len(photo) + len(b"a text")
    assert line["ExtractMs"] > 0 and line["EndpointMs"] > 0
