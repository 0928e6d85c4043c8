"""A release that was deleted from the versioned bucket -> there again."""

from typing import Any, NamedTuple

from model_code.aws import aws_errors
from model_code.errors import UserError
from model_code.release import DOCUMENT, S3_PREFIX, Release, ReleaseError, files_of
from model_code.stored import KEY


class Marker(NamedTuple):
    """What S3 puts over a deleted object; without it the object is there again."""

    key: str
    version: str
    release: str  # the id of the release that the object belongs to
    name: str  # the object's path in the release folder


class Versions(NamedTuple):
    """What the bucket remembers."""

    newest: dict[str, str]  # key -> the version of the object, whether or not a marker hides it
    markers: list[Marker]  # under which there still is an object


def restore(release_id: str, bucket: str, s3: Any) -> None:
    """Take back that a release was deleted.

    `release.json` comes last, so that a release which is seen is whole.

    Raises
    ------
    UserError
        Nothing of it was deleted, or not so lately that all its objects are still kept.
    """
    versions = _versions(bucket, s3)
    ours = [marker for marker in versions.markers if marker.release == release_id]
    if not ours:
        others = ", ".join(sorted({marker.release for marker in versions.markers})) or "none"
        raise UserError(
            f"Release {release_id} cannot be restored in bucket {bucket}: it was not deleted "
            f"there, or too long ago. Those that can be: {others}."
        )
    _check_whole(release_id, versions.newest, bucket, s3)
    with aws_errors(f"restore release {release_id} in bucket {bucket}"):
        for marker in sorted(ours, key=lambda marker: marker.name == DOCUMENT):
            s3.delete_object(Bucket=bucket, Key=marker.key, VersionId=marker.version)


def _check_whole(release_id: str, newest: dict[str, str], bucket: str, s3: Any) -> None:
    """Refuse a release of which a file is gone for good, which no command could fetch."""
    prefix = f"{S3_PREFIX}/{release_id}/"
    for name in _files(prefix + DOCUMENT, newest, bucket, s3):
        if prefix + name not in newest:
            raise UserError(
                f"Release {release_id} cannot be restored: bucket {bucket} has no {name} any more; "
                "upload it again (python -m model_code upload releases/... --stack ...), or train "
                "it again."
            )


def _files(key: str, newest: dict[str, str], bucket: str, s3: Any) -> list[str]:
    """Return what belongs to the release that the object `key` describes, as far as is known."""
    if key not in newest:
        return [DOCUMENT]
    with aws_errors(f"read s3://{bucket}/{key}"):
        found = s3.get_object(Bucket=bucket, Key=key, VersionId=newest[key])
        document = found["Body"].read()
    try:
        return files_of(Release.from_json(document))
    except ReleaseError:  # of another format, for the code of its time
        return [DOCUMENT]


def _versions(bucket: str, s3: Any) -> Versions:
    newest: dict[str, str] = {}
    markers, hidden = [], set()
    with aws_errors(f"list the versions in s3://{bucket}/{S3_PREFIX}/"):
        pages = s3.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=bucket, Prefix=f"{S3_PREFIX}/"):
            for item in page.get("Versions", []):  # of each key the newest first
                newest.setdefault(item["Key"], item["VersionId"])
            for item in page.get("DeleteMarkers", []):
                if match := KEY.fullmatch(item["Key"]):
                    markers.append(Marker(item["Key"], item["VersionId"], match[1], match[2]))
                    # What was deleted twice has two, and the older one hides it as well.
                    hidden |= {item["Key"]} if item["IsLatest"] else set()
    restorable = hidden & set(newest)
    return Versions(newest, [marker for marker in markers if marker.key in restorable])
