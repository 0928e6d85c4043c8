"""Photos to ask about, one after another: from files, folders of any depth, and S3."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from model_code.aws import aws_errors, list_objects
from model_code.errors import RefusedPhotoError, UserError

S3 = re.compile(r"s3:/+(?P<bucket>[^/]+)/?(?P<prefix>.*)", re.DOTALL)
# What a cell begins with that a spreadsheet runs: no table of ours has one.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# No photo that the features take has more; it is held in memory as a whole.
MAX_BYTES = 100_000_000
# An object that is not there any more, or in an archive. Others say nothing of one photo.
OF_THE_OBJECT = ("NoSuchKey", "InvalidObjectState")


class PhotoFile(NamedTuple):
    """One photo that has not been read yet."""

    name: str  # a path, or s3://<bucket>/<key>
    size: int  # bytes
    mark: str  # another one where the content changed: the file's time, or the object's ETag
    load: Callable[[], bytes]

    def read(self, most: int = MAX_BYTES) -> bytes:
        """Return the photo's bytes, of which `most` are taken.

        Raises
        ------
        RefusedPhotoError
            It cannot be read, or is too large to be a photo.
        """
        if self.size > most:
            raise RefusedPhotoError(f"has {self.size:,} bytes, and {most:,} are taken.")
        return self.load()


def photo_files(places: Iterable[str], client: Callable[[str], Any]) -> Iterator[PhotoFile]:
    """List photos without holding them: the same ones in the same order each time.

    Passed over is what training does not look at either: hidden files and folders, and `.json`.

    Raises
    ------
    UserError
        A folder or a bucket cannot be listed.
    """
    for place in places:
        if found := S3.fullmatch(place):
            yield from _objects(found["bucket"], found["prefix"], client("s3"))
        elif Path(place).is_dir():
            yield from map(photo_file, _walk(Path(place)))
        else:
            yield photo_file(Path(place))


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, onerror=_tell):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent, name)
            if _is_listed(name) and path.is_file():
                yield path


def _is_listed(path: str) -> bool:
    return not path.endswith(".json") and not any(p.startswith(".") for p in path.split("/"))


def _tell(error: OSError) -> None:
    raise UserError(f"{error.filename} cannot be listed: {error.strerror}.") from error


def photo_file(path: Path) -> PhotoFile:
    """Name a photo on disk, whether or not it is there."""
    name = str(path)
    if name.startswith(FORMULA):
        name = f"./{name}"
    try:
        facts = path.stat()
    except OSError:  # whoever reads it is told why
        return PhotoFile(name, 0, "", partial(_load_file, path))
    return PhotoFile(name, facts.st_size, str(facts.st_mtime_ns), partial(_load_file, path))


def _load_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RefusedPhotoError(f"cannot be read: {error.strerror}.") from error


def _objects(bucket: str, prefix: str, s3: Any) -> Iterator[PhotoFile]:
    for item in list_objects(s3, bucket, prefix):
        key = item["Key"]
        below = key[prefix.rfind("/") + 1 :]  # a hidden folder above it was asked for
        if _is_listed(below) and not key.endswith("/"):
            load = partial(_load_object, bucket, key, s3)
            yield PhotoFile(f"s3://{bucket}/{key}", item["Size"], item["ETag"], load)


def _load_object(bucket: str, key: str, s3: Any) -> bytes:
    with aws_errors(f"read s3://{bucket}/{key}"):
        try:
            return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] not in OF_THE_OBJECT:
                raise
            raise RefusedPhotoError(f"cannot be read: {error}.") from error
