"""What of a deleted release is taken back, in which order, and what cannot be."""

import io
from pathlib import Path
from typing import Any

import pytest

from model_code.errors import UserError
from model_code.release import files_of, read_release
from model_code.restore import restore

OURS, ANOTHER, GONE = "0123456789abcdef", "fedcba9876543210", "00000000ffffffff"


def entry(release: str, name: str, version: str, *, latest: bool = True) -> dict[str, Any]:
    return {"Key": f"releases/{release}/{name}", "VersionId": version, "IsLatest": latest}


PAGES: list[dict[str, Any]] = [
    {  # a marker may be on an earlier page than what it hides
        "DeleteMarkers": [
            entry(OURS, "release.json", "r1"),
            entry(OURS, "model.tar.gz", "m1"),
            entry(OURS, "golden/0.png", "g1", latest=False),  # deleted, and uploaded again
            entry(ANOTHER, "release.json", "a1"),
            entry(GONE, "release.json", "x1"),
        ]
    },
    {
        "Versions": [
            entry(OURS, "release.json", "r0", latest=False),
            entry(OURS, "model.tar.gz", "m0", latest=False),
            entry(OURS, "golden/0.png", "g2"),
            entry(ANOTHER, "release.json", "a0", latest=False),
        ]
    },
    {},
]


class S3:
    """A bucket with those versions, which remembers what was deleted."""

    def __init__(
        self, pages: list[dict[str, Any]] = PAGES, document: bytes = b"of another format"
    ) -> None:
        self.pages, self.document = pages, document
        self.deleted: list[str] = []

    def get_paginator(self, _operation: str) -> "S3":
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return self.pages

    def get_object(self, **request: str) -> dict[str, Any]:
        assert request["VersionId"] == "r0"  # without one, S3 says that it was deleted
        return {"Body": io.BytesIO(self.document)}

    def delete_object(self, **request: str) -> None:
        self.deleted.append(request["VersionId"])


def test_what_hides_the_release_goes_and_its_description_comes_last() -> None:
    s3 = S3()
    restore(OURS, "a-bucket", s3)
    assert s3.deleted == ["m1", "r1"]


@pytest.mark.parametrize("release", [GONE, "1111111111111111"])
def test_what_is_gone_for_good_is_refused_with_what_is_not(release: str) -> None:
    s3 = S3()
    with pytest.raises(UserError, match=f"Those that can be: {OURS}, {ANOTHER}"):
        restore(release, "a-bucket", s3)
    assert not s3.deleted


def deleted(*names: str) -> list[dict[str, Any]]:
    """Return markers for files of the release that is OURS."""
    return [entry(OURS, name, f"marker of {name}") for name in names]


def kept(*names: str) -> list[dict[str, Any]]:
    return [entry(OURS, name, "r0", latest=False) for name in names]


@pytest.mark.parametrize("lost", ["model.tar.gz", "golden/0.png", "release.json"])
def test_a_release_of_which_a_file_is_gone_for_good_is_refused(
    lost: str, release_folder: Path
) -> None:
    names = files_of(read_release(release_folder))
    left = [name for name in names if name != lost]
    pages = [{"DeleteMarkers": deleted(*names), "Versions": kept(*left)}]
    s3 = S3(pages, (release_folder / "release.json").read_bytes())
    with pytest.raises(UserError, match=rf"has no {lost} any more; upload it again"):
        restore(OURS, "a-bucket", s3)
    assert not s3.deleted


def test_a_release_of_which_all_is_kept_or_was_not_deleted_is_restored(
    release_folder: Path,
) -> None:
    names = files_of(read_release(release_folder))
    pages = [{"DeleteMarkers": deleted(*names[1:]), "Versions": kept(*names)}]
    s3 = S3(pages, (release_folder / "release.json").read_bytes())
    restore(OURS, "a-bucket", s3)
    assert s3.deleted == [f"marker of {name}" for name in names[1:]]


def test_what_was_deleted_twice_is_taken_back_twice() -> None:
    twice = [
        entry(OURS, "release.json", "second"),
        entry(OURS, "release.json", "first", latest=False),
    ]
    s3 = S3([{"DeleteMarkers": twice, "Versions": kept("release.json")}])
    restore(OURS, "a-bucket", s3)
    assert s3.deleted == ["second", "first"]


@pytest.mark.parametrize("key", ["releases/", "releases/notes.txt", "releases/notes/release.json"])
def test_what_is_no_release_is_passed_over(key: str) -> None:
    foreign = {"Key": key, "VersionId": "f", "IsLatest": True}
    pages = [*PAGES, {"DeleteMarkers": [foreign], "Versions": [{**foreign, "VersionId": "g"}]}]
    s3 = S3(pages)
    restore(OURS, "a-bucket", s3)
    assert s3.deleted == ["m1", "r1"]
    with pytest.raises(UserError, match=f"Those that can be: {OURS}, {ANOTHER}"):
        restore("notes", "a-bucket", s3)
