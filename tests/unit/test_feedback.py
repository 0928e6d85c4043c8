"""`feedback`: a bucket's records as a training folder, by the last word, and nothing lost."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from model_code import aws
from model_code.__main__ import main
from model_code.feedback import pull

REQUEST = "00000000-0000-0000-0000-00000000000{}"
RELEASE = "7095baa4b6dd22fd"


class FakeS3:
    """One bucket in memory; counts what is read."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.read: list[str] = []

    def get_paginator(self, _operation: str) -> "FakeS3":
        return self

    def paginate(self, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803 - boto3's
        keys = [key for key in self.objects if key.startswith(Prefix)]
        time = datetime(2025, 1, 1, tzinfo=UTC)
        pages = [keys[start : start + 2] for start in range(0, len(keys), 2)] or [[]]
        return [{"Contents": [{"Key": key, "LastModified": time} for key in p]} for p in pages]

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": ""}}, "GetObject")
        self.read.append(Key)
        body = self.objects[Key]
        return {"ContentLength": len(body), "Body": io.BytesIO(body)}

    def give(
        self, request: int, number: int, brand: Any, photo: bytes | None = b"photo",
        **change: Any,
    ) -> str:  # fmt: skip
        """Put a feedback there as the API does; return its id."""
        name = f"{number:016x}"
        key = f"feedback-photos/{REQUEST.format(request)}/{name}.jpg" if photo is not None else None
        record = {
            "feedback": name,
            "request_id": REQUEST.format(request),
            "brand": brand,
            "release": RELEASE,
            "photo": key,
            "time": f"2025-01-01T00:00:{number:02}+00:00",
        }
        if key and photo is not None:
            self.objects[key] = photo
        path = f"feedback/{REQUEST.format(request)}/{name}.json"
        self.objects[path] = json.dumps({**record, **change}).encode()
        return name


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> FakeS3:
    fake = FakeS3()
    monkeypatch.setattr(aws, "client", lambda service: fake)
    return fake


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "from-feedback"


def files(into: Path) -> dict[str, bytes]:
    paths = (path for path in into.rglob("*") if path.is_file() and path.suffix != ".csv")
    return {path.relative_to(into).as_posix(): path.read_bytes() for path in paths}


def manifest(into: Path) -> list[dict[str, str]]:
    with (into / "feedback.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_photos_lie_under_their_brands_with_whence_they_came(s3: FakeS3, into: Path) -> None:
    first, second = s3.give(1, 1, "nene", b"one"), s3.give(2, 2, "교촌", b"two")
    pull("bucket", s3, into)
    assert files(into) == {f"nene/{first}.jpg": b"one", f"교촌/{second}.jpg": b"two"}
    assert manifest(into)[1] == {
        "request_id": REQUEST.format(2),
        "feedback": second,
        "release": RELEASE,
        "brand": "교촌",
        "time": "2025-01-01T00:00:02+00:00",
        "photo": f"교촌/{second}.jpg",
    }


def test_none_of_the_brands_is_no_brand_for_training(s3: FakeS3, into: Path) -> None:
    name = s3.give(1, 1, None)
    pull("bucket", s3, into)
    assert list(files(into)) == [f".none/{name}.jpg"]
    assert manifest(into)[0]["brand"] == ""


def test_without_a_photo_only_the_word_is_kept(s3: FakeS3, into: Path) -> None:
    s3.give(1, 1, "nene", None)
    pull("bucket", s3, into)
    assert not files(into)
    assert manifest(into)[0]["photo"] == ""


def test_again_it_fetches_no_photo_and_changes_nothing(s3: FakeS3, into: Path) -> None:
    s3.give(1, 1, "nene")
    pull("bucket", s3, into)
    before, s3.read = (into / "feedback.csv").read_bytes(), []
    pull("bucket", s3, into)
    assert (into / "feedback.csv").read_bytes() == before
    assert not [key for key in s3.read if "photos" in key]


def test_the_last_word_on_an_answer_counts_and_moves_its_photo(s3: FakeS3, into: Path) -> None:
    first = s3.give(1, 1, "nene", b"one")
    pull("bucket", s3, into)
    second = s3.give(1, 2, "BBQ", None)
    pull("bucket", s3, into)
    assert files(into) == {f"BBQ/{first}.jpg": b"one"}
    (entry,) = manifest(into)
    assert (entry["feedback"], entry["brand"]) == (second, "BBQ")
    third = s3.give(1, 3, None, b"again")
    pull("bucket", s3, into)
    assert files(into) == {f".none/{third}.jpg": b"again", f".replaced/{first}.jpg": b"one"}


def test_the_order_is_that_of_the_times_and_not_of_the_names(s3: FakeS3, into: Path) -> None:
    late = s3.give(1, 1, "nene", time="2025-02-01T00:00:00+09:00")
    s3.give(1, 2, "BBQ", time="2025-01-31T14:59:59+00:00")
    pull("bucket", s3, into)
    assert f"nene/{late}.jpg" in files(into)


def test_two_words_within_a_second_are_in_their_order(s3: FakeS3, into: Path) -> None:
    photo = s3.give(1, 1, "nene", time="2025-02-01T00:00:00.000002+00:00")
    s3.give(1, 2, "BBQ", None, time="2025-02-01T00:00:00.000001+00:00")
    pull("bucket", s3, into)
    assert list(files(into)) == [f"nene/{photo}.jpg"]


def test_what_is_there_survives_an_expired_photo_and_another_bucket(s3: FakeS3, into: Path) -> None:
    first = s3.give(1, 1, "nene", b"one")
    pull("bucket", s3, into)
    s3.objects.clear()
    second = s3.give(2, 2, "BBQ", b"two")
    pull("other", s3, into)
    assert files(into) == {f"nene/{first}.jpg": b"one", f"BBQ/{second}.jpg": b"two"}
    assert [entry["feedback"] for entry in manifest(into)] == [first, second]


def test_an_expired_photo_is_told(s3: FakeS3, into: Path) -> None:
    name = s3.give(1, 1, "nene")
    del s3.objects[f"feedback-photos/{REQUEST.format(1)}/{name}.jpg"]
    pulled = pull("bucket", s3, into)
    assert "is gone" in pulled.faults[0].reason
    assert manifest(into)[0]["photo"] == ""


def test_what_a_person_moved_stays_where_it_is(s3: FakeS3, into: Path) -> None:
    name = s3.give(1, 1, "nene")
    pull("bucket", s3, into)
    (into / ".left-out").mkdir()
    (into / "nene" / f"{name}.jpg").rename(into / ".left-out" / f"{name}.jpg")
    pull("bucket", s3, into)
    assert list(files(into)) == [f".left-out/{name}.jpg"]
    assert manifest(into)[0]["photo"] == f".left-out/{name}.jpg"


def test_a_photo_that_a_person_put_under_an_earlier_brand_stays(s3: FakeS3, into: Path) -> None:
    name = s3.give(1, 1, "nene")
    s3.give(1, 2, "BBQ", None)
    pull("bucket", s3, into)
    (into / "nene").mkdir()
    (into / "BBQ" / f"{name}.jpg").rename(into / "nene" / f"{name}.jpg")
    for number, brand in enumerate(("BBQ", None, "교촌"), 3):
        s3.give(1, number, brand, None)
        pull("bucket", s3, into)
        assert list(files(into)) == [f"nene/{name}.jpg"]
        assert manifest(into)[0]["photo"] == f"nene/{name}.jpg"


def test_a_photo_does_not_replace_another_of_its_name(s3: FakeS3, into: Path) -> None:
    name = s3.give(1, 1, "nene", b"one")
    pull("bucket", s3, into)
    (into / "BBQ").mkdir()
    (into / "BBQ" / f"{name}.jpg").write_bytes(b"cut by a person")
    s3.give(1, 2, "BBQ", None)
    (fault,) = pull("bucket", s3, into).faults
    assert "Move it by hand" in fault.reason
    both = {f"nene/{name}.jpg": b"one", f"BBQ/{name}.jpg": b"cut by a person"}
    assert files(into) == both
    assert not pull("bucket", s3, into).faults and files(into) == both


def test_a_stopped_run_knows_where_it_put_a_photo(s3: FakeS3, into: Path) -> None:
    name = s3.give(1, 1, "nene")
    s3.give(2, 2, "nene")
    whole = s3.get_object

    def stop(Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        if len(list(into.glob("*/*.jpg"))) == 1 and "photos" in Key:
            raise KeyboardInterrupt
        return whole(Bucket, Key)

    s3.get_object = stop  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        pull("bucket", s3, into)
    s3.get_object = whole  # type: ignore[method-assign]
    s3.give(1, 3, "BBQ", None)
    pull("bucket", s3, into)
    assert f"BBQ/{name}.jpg" in files(into)


def test_a_run_that_was_stopped_goes_on(s3: FakeS3, into: Path) -> None:
    names = [s3.give(number, number, "nene") for number in range(1, 5)]
    kept = s3.objects.pop(f"feedback-photos/{REQUEST.format(3)}/{names[2]}.jpg")
    broken, whole = s3.get_object, s3.get_object

    def stop(Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        if names[2] in Key and "photos" in Key:
            raise KeyboardInterrupt
        return broken(Bucket, Key)

    s3.get_object = stop  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        pull("bucket", s3, into)
    assert len(files(into)) == 2
    s3.get_object = whole  # type: ignore[method-assign]
    s3.objects[f"feedback-photos/{REQUEST.format(3)}/{names[2]}.jpg"] = kept
    pull("bucket", s3, into)
    assert len(files(into)) == len(manifest(into)) == 4


@pytest.mark.parametrize(
    "brand",
    [
        *("../evil", "/etc/evil", "a/b", "a\\b", "..", ".", ".none", "", "a\nb", "a\0b", "c:"),
        *("\u202ea", "feedback.csv", "brands.json", "a" * 201, 5, ["nene"], True, {}),
    ],
)
def test_a_brand_that_is_no_folder_is_told_and_left_out(brand: Any, s3: FakeS3, into: Path) -> None:
    s3.give(1, 1, brand)
    good = s3.give(2, 2, "nene")
    pulled = pull("bucket", s3, into)
    assert len(pulled.faults) == 1
    assert list(files(into)) == [f"nene/{good}.jpg"]
    assert not [path for path in into.parent.iterdir() if path != into]


@pytest.mark.parametrize(
    "change",
    [
        {"feedback": "../../x"},
        {"feedback": "0" * 16},
        {"request_id": "../x"},
        {"request_id": REQUEST.format(9)},
        {"release": "../x"},
        {"release": 1},
        {"photo": "releases/x/model.tar.gz"},
        {"photo": "feedback-photos/0000000000000001.jpg"},
        {"photo": f"feedback-photos/{REQUEST.format(1)}/0000000000000009.jpg"},
        {"photo": f"feedback-photos/{REQUEST.format(9)}/0000000000000001.jpg"},
        {"photo": 1},
        {"time": "yesterday"},
        {"time": "2025-01-01T00:00:00"},
        {"time": 5},
        {"more": "x" * 20_000},
    ],
    ids=str,
)
def test_a_record_that_the_api_did_not_write_is_told_and_left_out(
    change: dict[str, Any], s3: FakeS3, into: Path
) -> None:
    s3.give(1, 1, "nene")
    (path,) = (key for key in s3.objects if key.endswith(".json"))
    s3.objects[path] = json.dumps({**json.loads(s3.objects[path]), **change}).encode()
    pulled = pull("bucket", s3, into)
    assert len(pulled.faults) == 1
    assert not pulled.entries and not files(into)


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b"\xff", b"[" * 9_000])
def test_what_is_no_record_is_told_and_left_out(
    body: bytes, s3: FakeS3, into: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.objects["feedback/\x1b[31m/x.json"] = body
    assert main(["feedback", "--bucket", "bucket", "--into", str(into)]) == 0
    told = capsys.readouterr()
    assert "left out" in told.err and "\x1b" not in told.err
    assert "0 in all" in told.out


def test_the_command_tells_what_there_is(
    s3: FakeS3, into: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.give(1, 1, "nene")
    s3.give(2, 2, "nene", None)
    s3.give(3, 3, None)
    assert main(["feedback", "--bucket", "bucket", "--into", str(into)]) == 0
    told = capsys.readouterr().out
    assert "nene: 2 answers, 1 with a photo" in told
    assert "none of the brands: 1 answers, 1 with a photo" in told
    assert "3 in all" in told


@pytest.mark.parametrize("content", [b"", b"a diary", b"\xff\xfe", b"request_id\n1\n"])
def test_a_manifest_of_something_else_is_left_alone(
    content: bytes, s3: FakeS3, into: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.give(1, 1, "nene")
    into.mkdir()
    (into / "feedback.csv").write_bytes(content)
    assert main(["feedback", "--bucket", "bucket", "--into", str(into)]) == 1
    assert "is not what `feedback` wrote" in capsys.readouterr().err
    assert (into / "feedback.csv").read_bytes() == content
