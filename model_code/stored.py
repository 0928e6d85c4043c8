"""The releases in a bucket: listed, and the old ones deleted."""

import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from model_code.aws import aws_errors, list_objects
from model_code.release import DOCUMENT, ID, S3_PREFIX, Release, ReleaseError

# A release's object in the bucket: its id, and the path in the release folder. What others put
# below the prefix is not ours to list or to delete.
KEY = re.compile(rf"{S3_PREFIX}/({ID.pattern})/(.+)", re.DOTALL)


class Stored(NamedTuple):
    """A release whose upload was finished."""

    id: str
    time: datetime  # of the upload


def stored_releases(bucket: str, s3: Any) -> list[Stored]:
    """List the whole releases in a bucket, newest first.

    `release.json` is uploaded last, so what has none is not whole yet.
    """
    found = [
        Stored(match[1], item["LastModified"])
        for item in list_objects(s3, bucket, f"{S3_PREFIX}/")
        if (match := KEY.fullmatch(item["Key"])) and match[2] == DOCUMENT
    ]
    return sorted(found, key=lambda release: release.time, reverse=True)


def micro_f1(release: Stored, bucket: str, s3: Any) -> float:
    """Return what a release scored on the photos that its training held out.

    NaN where its description cannot be read, as that of another format.
    """
    key = f"{S3_PREFIX}/{release.id}/{DOCUMENT}"
    with aws_errors(f"read s3://{bucket}/{key}"):
        document = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        return float(Release.from_json(document).metrics["test"]["micro_f1"])
    except (ReleaseError, KeyError, TypeError):
        return math.nan


def to_prune(releases: Sequence[Stored], keep: int, serving: str) -> list[Stored]:
    """Return those of `releases`, newest first, that are neither among `keep` nor serving."""
    return [release for release in releases[keep:] if release.id != serving]


def delete(release: Stored, bucket: str, s3: Any) -> None:
    """Delete a release; `release.json` goes first, so that what is seen is whole.

    The bucket is versioned: a deleted object can be restored until its lifecycle rule ends that.
    """
    prefix = f"{S3_PREFIX}/{release.id}/"
    with aws_errors(f"delete s3://{bucket}/{prefix}"):
        s3.delete_object(Bucket=bucket, Key=f"{prefix}{DOCUMENT}")
        for item in list(list_objects(s3, bucket, prefix)):
            s3.delete_object(Bucket=bucket, Key=item["Key"])
