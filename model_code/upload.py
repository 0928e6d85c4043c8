"""A release folder -> the bucket, under its id: resumable, verified, never over another's."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from model_code.aws import aws_errors
from model_code.errors import UserError
from model_code.release import S3_PREFIX, files_of, read_release


class Uploaded(NamedTuple):
    """What became of one file."""

    key: str
    size: int  # bytes
    sent: bool  # False: it was there already, with the same checksum


def upload(folder: Path, bucket: str, s3: Any) -> Iterator[Uploaded]:
    """Send a release: archive, weights, golden photos, `release.json`.

    `release.json` goes last, so that a release which is seen in the bucket is whole. Each
    object is sent with its SHA-256, which S3 verifies, and only if no object has its key. What
    is there already is compared by checksum, so an upload that was cut short goes on where it
    stopped.

    Raises
    ------
    ReleaseError
        The release breaks the contract: it is not sent.
    UserError
        AWS refused, or the bucket holds other content under the same key.
    """
    release = read_release(folder)
    for name in files_of(release):
        body = (folder / name).read_bytes()
        key = f"{S3_PREFIX}/{release.id}/{name}"
        with aws_errors(f"upload s3://{bucket}/{key}"):
            yield Uploaded(key, len(body), _put_once(s3, bucket, key, body))


def _put_once(s3: Any, bucket: str, key: str, body: bytes) -> bool:
    checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
    there = _checksum(s3, bucket, key)
    if there is None:
        s3.put_object(Bucket=bucket, Key=key, Body=body, ChecksumSHA256=checksum, IfNoneMatch="*")
        there = _checksum(s3, bucket, key)
        sent = True
    else:
        sent = False
    if there != checksum:
        raise UserError(
            f"s3://{bucket}/{key} has other content than the file here. Nothing was overwritten. "
            "Releases are immutable: find out who wrote it, or delete that object and run again."
        )
    return sent


def _checksum(s3: Any, bucket: str, key: str) -> str | None:
    """Return the SHA-256 of an object as S3 has it, in base64; None where there is no object."""
    try:
        head = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    except ClientError as error:
        if error.response["Error"]["Code"] == "404":
            return None
        raise
    return str(head.get("ChecksumSHA256", "without a checksum"))
