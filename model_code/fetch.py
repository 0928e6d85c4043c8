"""A release in the bucket -> a release folder: verified, and never seen half written."""

import os
import tempfile
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from model_code.aws import aws_errors
from model_code.errors import UserError
from model_code.release import (
    DOCUMENT,
    ID,
    ID_LENGTH,
    S3_PREFIX,
    Release,
    ReleaseError,
    files_of,
    read_release,
)


def fetch(release_id: str, bucket: str, s3: Any, releases: Path) -> Path:
    """Download a release into `releases/<id>`, without its report, and return that folder.

    One that is there already is only verified.

    Raises
    ------
    ReleaseError
        It breaks the contract.
    UserError
        There is no such release, AWS refused, or what lies there is another release.
    """
    if not ID.fullmatch(release_id):
        raise UserError(f"{release_id} is no release id: it has {ID_LENGTH} digits 0-9 and a-f.")
    folder = releases / release_id
    if os.path.lexists(folder):  # a link that leads nowhere is in the way too
        if not (folder / DOCUMENT).is_file():
            raise UserError(f"{folder} is no release: remove {folder} and fetch again.")
        _check(folder, release_id)
        return folder
    releases.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=releases, prefix=".fetching-") as temporary:
        unfinished = Path(temporary) / release_id
        _download(release_id, bucket, s3, unfinished)
        _check(unfinished, release_id)
        unfinished.rename(folder)
    return folder


def _check(folder: Path, release_id: str) -> None:
    found = read_release(folder).id
    if found != release_id:
        raise UserError(f"What lies under {release_id} is release {found}. Deploy another one.")


def _download(release_id: str, bucket: str, s3: Any, into: Path) -> None:
    document = _read(release_id, DOCUMENT, bucket, s3)
    for name in files_of(Release.from_json(document)):
        path = into / name
        if not path.resolve().is_relative_to(into.resolve()):
            raise ReleaseError(f"Release {release_id} names a file outside of it: {name}.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(document if name == DOCUMENT else _read(release_id, name, bucket, s3))


def _read(release_id: str, name: str, bucket: str, s3: Any) -> bytes:
    key = f"{S3_PREFIX}/{release_id}/{name}"
    with aws_errors(f"fetch s3://{bucket}/{key}"):
        try:
            return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            raise UserError(
                f"Release {release_id} is not whole in bucket {bucket}: there is no {name}. What "
                "is there: python -m model_code releases --stack ... To take back what was deleted "
                "lately: python -m model_code restore <id> --stack ..."
            ) from error
