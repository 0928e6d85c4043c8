"""Back to an earlier release from the bucket, and the old ones out of it."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from model_code.release import S3_PREFIX
from model_code.stored import delete, stored_releases
from tests.local.conftest import ARTIFACTS, SERVICE, Deployment


@pytest.fixture(scope="module")
def both(deployment: Deployment, release_folder: Path, other_release_folder: Path) -> Deployment:
    """Serve one release, with a newer one beside it in the bucket."""
    uploaded = deployment.model_code("upload", other_release_folder, "--stack", ARTIFACTS)
    assert uploaded.returncode == 0, uploaded.stderr
    return deployment


def listed(deployment: Deployment) -> dict[str, str]:
    result = deployment.model_code("releases", "--stack", ARTIFACTS)
    assert result.returncode == 0, result.stderr
    return {line.split()[0]: line for line in result.stdout.splitlines()}


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_the_list_tells_which_release_serves(
    both: Deployment, release_folder: Path, other_release_folder: Path
) -> None:
    lines = listed(both)
    assert lines[release_folder.name].endswith("  serves")
    assert not lines[other_release_folder.name].endswith("  serves")
    for release in (release_folder, other_release_folder):
        f1 = json.loads((release / "release.json").read_text())["metrics"]["test"]["micro_f1"]
        assert f"  {f1:.3f}" in lines[release.name]


def test_a_fetched_release_is_the_uploaded_one_but_for_its_report(
    both: Deployment, other_release_folder: Path, tmp_path: Path
) -> None:
    for _ in range(2):  # the second time it is there already
        result = both.model_code(
            "fetch", other_release_folder.name, "--stack", ARTIFACTS, "--into", tmp_path
        )
        assert result.returncode == 0, result.stderr
        assert result.stdout.strip() == str(tmp_path / other_release_folder.name)
    trained = files(other_release_folder)
    assert files(tmp_path / other_release_folder.name) == {
        name: body for name, body in trained.items() if not name.startswith("report/")
    }
    assert [path.name for path in tmp_path.iterdir()] == [other_release_folder.name]


@pytest.mark.parametrize(
    ("release_id", "message"),
    [
        ("0123456789abcdef", "Release 0123456789abcdef is not whole"),
        ("../../secrets", "is no release id"),
        ("latest", "is no release id"),
    ],
)
def test_what_is_not_in_the_bucket_is_not_fetched(
    both: Deployment, tmp_path: Path, release_id: str, message: str
) -> None:
    result = both.model_code("fetch", release_id, "--stack", ARTIFACTS, "--into", tmp_path / "r")
    assert result.returncode == 1
    assert message in result.stderr
    assert not files(tmp_path)


def spoil_archive(objects: dict[str, bytes]) -> None:
    objects["model.tar.gz"] = b"another"


def name_a_file_outside(objects: dict[str, bytes]) -> None:
    document = json.loads(objects["release.json"])
    document["golden"][0]["photo"] = "../../outside.png"
    objects["release.json"] = json.dumps(document).encode()


def lose_a_photo(objects: dict[str, bytes]) -> None:
    del objects["golden/1.png"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_archive, "cannot be read as a tar.gz"),
        (name_a_file_outside, "names a file outside of it"),
        (lose_a_photo, "there is no golden/1.png"),
    ],
)
def test_a_release_that_was_damaged_in_the_bucket_is_refused_and_leaves_nothing(
    both: Deployment, other_release_folder: Path, tmp_path: Path,
    spoil: Callable[[dict[str, bytes]], None], message: str,
) -> None:  # fmt: skip
    s3, bucket = both.cloud.client("s3"), both.output(ARTIFACTS, "BucketName")
    objects = files(other_release_folder)
    spoil(objects)
    put_instead(s3, bucket, other_release_folder.name, objects)
    try:
        result = both.model_code(
            "fetch", other_release_folder.name, "--stack", ARTIFACTS, "--into", tmp_path
        )
    finally:
        put_instead(s3, bucket, other_release_folder.name, {})
        both.model_code("upload", other_release_folder, "--stack", ARTIFACTS)
    assert result.returncode == 1
    assert message in result.stderr
    assert not list(tmp_path.iterdir())


def put_instead(s3: Any, bucket: str, release_id: str, objects: dict[str, bytes]) -> None:
    prefix = f"{S3_PREFIX}/{release_id}/"
    for item in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
        s3.delete_object(Bucket=bucket, Key=item["Key"])
    for name, body in objects.items():
        if not name.startswith("report/"):
            s3.put_object(Bucket=bucket, Key=prefix + name, Body=body)


def test_a_rollback_serves_an_earlier_release_from_the_bucket_alone(
    both: Deployment, release_folder: Path, other_release_folder: Path, tmp_path: Path
) -> None:
    """Run what `make rollback` runs."""
    both.go_live(other_release_folder)
    fetched = both.model_code(
        "fetch", release_folder.name, "--stack", ARTIFACTS, "--into", tmp_path
    )
    assert fetched.returncode == 0, fetched.stderr
    back = tmp_path / release_folder.name
    deployed = both.deploy(SERVICE, back, canary="false")
    assert deployed.returncode == 0, deployed.stderr
    replayed = both.model_code("replay", back, "--url", both.url)
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert both.endpoints() == {f"chicklearning-dev-{release_folder.name}"}


@pytest.fixture
def only_one_kept(both: Deployment, release_folder: Path) -> Iterator[Deployment]:
    # MiniStack deploys a changed output only beside a changed resource; hence the other setting.
    settings = {"kept_releases": "1", "keep_releases": "true"}
    deployed = both.deploy(ARTIFACTS, release_folder, **settings)
    assert deployed.returncode == 0, deployed.stderr
    yield both
    both.deploy(ARTIFACTS, release_folder)


def test_prune_keeps_the_newest_and_the_one_that_serves(
    only_one_kept: Deployment, release_folder: Path, other_release_folder: Path
) -> None:
    stage = only_one_kept
    oldest = put_oldest(stage, release_folder, other_release_folder)
    dry = stage.model_code("prune", "--stack", ARTIFACTS, "--dry-run")
    assert f"old  {oldest}" in dry.stdout
    line = listed(stage)[oldest]
    pruned = stage.model_code("prune", "--stack", ARTIFACTS)
    assert pruned.returncode == 0, pruned.stderr
    assert f"deleted  {oldest}" in pruned.stdout
    assert set(listed(stage)) == {release_folder.name, other_release_folder.name}
    assert stage.model_code("replay", release_folder, "--url", stage.url).returncode == 0
    restored = stage.model_code("restore", oldest, "--stack", ARTIFACTS)
    assert restored.returncode == 0, restored.stderr
    assert listed(stage)[oldest] == line  # as old as it was
    pruned = stage.model_code("prune", "--stack", ARTIFACTS)
    assert f"deleted  {oldest}" in pruned.stdout


def test_a_deleted_release_is_restored_whole(
    both: Deployment, other_release_folder: Path, tmp_path: Path
) -> None:
    s3, bucket = both.cloud.client("s3"), both.output(ARTIFACTS, "BucketName")
    (there,) = (r for r in stored_releases(bucket, s3) if r.id == other_release_folder.name)
    delete(there, bucket, s3)
    again = both.model_code("restore", there.id, "--bucket", bucket)
    assert again.returncode == 0, again.stderr
    assert there in stored_releases(bucket, s3)
    fetched = both.model_code("fetch", there.id, "--bucket", bucket, "--into", tmp_path)
    assert fetched.returncode == 0, fetched.stderr
    uploaded = both.model_code("upload", tmp_path / there.id, "--bucket", bucket)
    assert uploaded.returncode == 0, uploaded.stderr
    assert "sent  " not in uploaded.stdout


def test_what_was_not_deleted_is_not_restored(both: Deployment, release_folder: Path) -> None:
    result = both.model_code("restore", release_folder.name, "--stack", ARTIFACTS)
    assert result.returncode == 1
    assert "cannot be restored" in result.stderr


def put_oldest(deployment: Deployment, release: Path, newest: Path) -> str:
    """Upload a third release, then the newest again, and say the id of the third."""
    s3, bucket = deployment.cloud.client("s3"), deployment.output(ARTIFACTS, "BucketName")
    oldest = "0" * 16
    put_instead(s3, bucket, oldest, files(release))
    time.sleep(1.1)  # S3 tells the time in whole seconds
    put_instead(s3, bucket, newest.name, {})
    deployment.model_code("upload", newest, "--stack", ARTIFACTS)
    return oldest


def test_a_stack_that_is_not_there_is_named(deployment: Deployment) -> None:
    for command in (
        ["releases"],
        ["fetch", "0123456789abcdef"],
        ["prune"],
        ["restore", "0123456789abcdef"],
    ):
        result = deployment.model_code(*command, "--stack", "NoSuchStack")
        assert result.returncode == 1
        assert result.stderr.startswith("error: Stack NoSuchStack is not deployed")
