"""Which releases are old, and when nothing may be deleted at all."""

import io
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from model_code import aws
from model_code.__main__ import main
from model_code.stored import Stored, micro_f1, stored_releases, to_prune

NOW = datetime(2026, 11, 24, tzinfo=UTC)
RELEASES = [Stored(name, NOW - timedelta(days=age)) for age, name in enumerate("abcde")]


def pruned(keep: int, serving: str) -> str:
    return "".join(release.id for release in to_prune(RELEASES, keep, serving))


def test_all_but_the_newest_are_old() -> None:
    assert pruned(keep=2, serving="a") == "cde"


def test_the_one_that_serves_is_never_old() -> None:
    assert pruned(keep=2, serving="d") == "ce"
    assert pruned(keep=1, serving="e") == "bcd"


def test_fewer_than_are_kept_are_all_kept() -> None:
    assert pruned(keep=5, serving="a") == pruned(keep=50, serving="a") == ""


STATUSES = [
    "UPDATE_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_FAILED",
    "DELETE_IN_PROGRESS",
    None,  # not deployed
]


@pytest.mark.parametrize("status", STATUSES)
def test_nothing_is_deleted_while_it_is_open_which_release_serves(
    status: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = {"BucketName": "a-bucket", "KeptReleases": "1", "ServiceStack": "a-service"}
    monkeypatch.setattr(aws, "stack_output", lambda stack, name: outputs[name])
    found: Any = status and {"StackStatus": status, "Outputs": []}
    monkeypatch.setattr(aws, "find_stack", lambda stack: found)
    monkeypatch.setattr(aws, "client", lambda service: None)  # asking it anything would fail
    assert main(["prune", "--stack", "artifacts"]) == 1
    assert "Nothing was deleted" in capsys.readouterr().err


@pytest.mark.parametrize("document", [b"{}", b"no JSON", b'{"format": 1, "id": "a"}'])
def test_a_release_that_this_code_cannot_read_is_still_listed(document: bytes) -> None:
    class S3:
        def get_object(self, **_: str) -> dict[str, Any]:
            return {"Body": io.BytesIO(document)}

    assert math.isnan(micro_f1(RELEASES[0], "a-bucket", S3()))


@pytest.mark.parametrize(
    "key",
    [
        "releases/notes/release.json",
        "releases/0123456789ABCDEF/release.json",
        "releases/0123456789abcdef0/release.json",
        "releases/\x1b[2J/release.json",
        "releases/0123456789abcdef/golden/release.json",
        "old/releases/0123456789abcdef/release.json",
    ],
)
def test_what_is_not_under_a_releases_id_is_no_release(key: str) -> None:
    ours = "fedcba9876543210"

    class S3:
        def get_paginator(self, _operation: str) -> "S3":
            return self

        def paginate(self, **_: str) -> list[dict[str, Any]]:
            keys = (key, f"releases/{ours}/release.json", f"releases/{ours}/model.tar.gz")
            return [{"Contents": [{"Key": each, "LastModified": NOW} for each in keys]}]

    assert stored_releases("a-bucket", S3()) == [Stored(ours, NOW)]


def test_a_service_that_does_not_tell_its_release_is_not_pruned(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {"BucketName": "a-bucket", "KeptReleases": "1", "ServiceStack": "a-service"}
    told = [{"OutputKey": name, "OutputValue": text} for name, text in texts.items()]
    stacks: Any = {
        "artifacts": {"StackStatus": "CREATE_COMPLETE", "Outputs": told},
        "a-service": {"StackStatus": "CREATE_COMPLETE"},
    }
    monkeypatch.setattr(aws, "find_stack", lambda stack: stacks[stack])
    monkeypatch.setattr(aws, "client", lambda service: None)  # asking it anything would fail
    assert main(["prune", "--stack", "artifacts"]) == 1
    assert "Stack a-service has no output ReleaseId" in capsys.readouterr().err
