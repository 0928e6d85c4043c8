"""The records of feedback in the inbox bucket: listed, and held to what the API writes.

They came from outside, so nothing in them is trusted before it is looked at: a brand becomes the
name of a folder.
"""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, NamedTuple

from botocore.exceptions import ClientError
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, ValidationError

from model_code.aws import aws_errors
from model_code.dataset import NAMES

RECORDS, PHOTOS = "feedback", "feedback-photos"
MANIFEST = "feedback.csv"
MOST_BYTES = 10_000  # a record has some 300
THREADS = 8  # S3 answers many at once


def _folder_name(brand: str | None) -> str | None:
    if brand is None:
        return None
    is_plain = brand.isprintable() and not brand.startswith(".") and not set(brand) & set('/\\:"')
    if not is_plain or brand in ("", MANIFEST, NAMES) or len(brand.encode()) > 200:
        raise ValueError("is no brand's folder")
    return brand


class Record(BaseModel):
    """What somebody said about one answer."""

    feedback: str = Field(pattern=r"^[0-9a-f]{16}$")
    request_id: str = Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
    brand: Annotated[str | None, AfterValidator(_folder_name)]  # None: none of the brands
    release: str = Field(pattern=r"^[0-9a-f]{16}$")
    photo: str | None  # the key of what was kept
    time: AwareDatetime

    @property
    def key(self) -> str:
        """Say where this record has to be."""
        return f"{RECORDS}/{self.request_id}/{self.feedback}.json"


class Fault(NamedTuple):
    """An object that is left out, and why."""

    key: str
    reason: str


class Listed(NamedTuple):
    """The records of a bucket."""

    histories: dict[str, list[Record]]  # by request, the last word last
    faults: list[Fault]


def list_records(bucket: str, s3: Any) -> Listed:
    """Read all records.

    Raises
    ------
    UserError
        The bucket cannot be listed or read.
    """
    found: defaultdict[str, list[Record]] = defaultdict(list)
    faults = []
    with ThreadPoolExecutor(THREADS) as pool:
        for page in _pages(bucket, s3):
            # One after another where they are of the same second.
            page.sort(key=lambda item: (item["LastModified"], item["Key"]))
            for result in pool.map(lambda item: _read(bucket, item, s3), page):
                if isinstance(result, Fault):
                    faults.append(result)
                else:
                    found[result.request_id].append(result)
    for history in found.values():
        history.sort(key=lambda record: record.time)
    return Listed(dict(found), faults)


def _pages(bucket: str, s3: Any) -> Iterator[list[dict[str, Any]]]:
    with aws_errors(f"list s3://{bucket}/{RECORDS}/"):
        listing = s3.get_paginator("list_objects_v2")
        pages = iter(listing.paginate(Bucket=bucket, Prefix=f"{RECORDS}/"))
        while page := next(pages, None):
            yield page.get("Contents", [])


def _read(bucket: str, item: dict[str, Any], s3: Any) -> Record | Fault:
    key = item["Key"]
    content = read_object(bucket, key, s3, MOST_BYTES)
    if isinstance(content, Fault):
        return content
    try:
        record = Record.model_validate_json(content, strict=True)
    except ValidationError as error:
        (first, *_) = error.errors()
        place = ".".join(map(str, first["loc"]))
        return Fault(key, f"is no record of feedback: {place or 'the whole'}: {first['msg']}")
    if record.key != key:
        return Fault(key, "is another feedback's record than its name says")
    if record.photo not in (None, f"{PHOTOS}/{record.request_id}/{record.feedback}.jpg"):
        return Fault(key, "names a photo that is not its own")
    return record


def read_object(bucket: str, key: str, s3: Any, most: int) -> bytes | Fault:
    """Return an object of up to `most` bytes."""
    with aws_errors(f"read s3://{bucket}/{key}"):
        try:
            answer = s3.get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            return Fault(key, "is gone: what is kept of photos expires")
        if answer["ContentLength"] > most:
            answer["Body"].close()
            return Fault(key, f"has {answer['ContentLength']:,} bytes, and {most:,} are taken")
        return bytes(answer["Body"].read())
