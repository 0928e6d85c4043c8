"""What of a deleted release is taken back, in which order, and what cannot be."""

from typing import Any

import pytest

from model_code.errors import UserError
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

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def get_paginator(self, _operation: str) -> "S3":
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return PAGES

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
