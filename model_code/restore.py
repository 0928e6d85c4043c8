"""A release that was deleted from the versioned bucket -> there again."""

from pathlib import PurePosixPath
from typing import Any, NamedTuple

from model_code.aws import aws_errors
from model_code.errors import UserError
from model_code.release import DOCUMENT, S3_PREFIX


class Marker(NamedTuple):
    """What S3 puts over a deleted object; without it the object is there again."""

    key: str
    version: str

    @property
    def release(self) -> str:
        """Return the id of the release that the object belongs to."""
        return PurePosixPath(self.key).parts[1]


def restore(release_id: str, bucket: str, s3: Any) -> None:
    """Take back that a release was deleted.

    `release.json` comes last, so that a release which is seen is whole.

    Raises
    ------
    UserError
        Nothing of it was deleted, or not so lately that its objects are still kept.
    """
    markers = _markers(bucket, s3)
    ours = [marker for marker in markers if marker.release == release_id]
    if not ours:
        others = ", ".join(sorted({marker.release for marker in markers})) or "none"
        raise UserError(
            f"Release {release_id} cannot be restored in bucket {bucket}: it was not deleted "
            f"there, or too long ago. Those that can be: {others}."
        )
    with aws_errors(f"restore release {release_id} in bucket {bucket}"):
        for marker in sorted(ours, key=lambda marker: PurePosixPath(marker.key).name == DOCUMENT):
            s3.delete_object(Bucket=bucket, Key=marker.key, VersionId=marker.version)


def _markers(bucket: str, s3: Any) -> list[Marker]:
    """List the deletions under which there still is an object."""
    kept: set[str] = set()
    markers = []
    with aws_errors(f"list the versions in s3://{bucket}/{S3_PREFIX}/"):
        pages = s3.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=bucket, Prefix=f"{S3_PREFIX}/"):
            kept |= {item["Key"] for item in page.get("Versions", [])}
            deletions = (item for item in page.get("DeleteMarkers", []) if item["IsLatest"])
            markers += [Marker(item["Key"], item["VersionId"]) for item in deletions]
    return [marker for marker in markers if marker.key in kept]
