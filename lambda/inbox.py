"""The bucket for what people send: uploads for a day, and feedback.

A photo that is too large for the gateway goes there straight from its sender, with a form that is
signed here: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from problems import Problem

MAX_UPLOAD_BYTES = 25 * 1024 * 1024
EXPIRES_IN = 600  # s, of the signed form
UPLOAD_ID = re.compile(r"[0-9a-f]{32}")
# Without the right to list the bucket, S3 does not tell a key that is not there from one that may
# not be read: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
NOT_THERE = ("NoSuchKey", "AccessDenied", "404", "403")


class Inbox:
    """Uploads to read, feedback to write; nothing is listed or deleted."""

    def __init__(self, bucket: str, make_client: Callable[[], Any]) -> None:
        self._bucket = bucket
        self._make_client = make_client

    @cached_property
    def _s3(self) -> Any:
        """The client is made when it is first needed: most requests need none."""
        return self._make_client()

    def sign_upload(self, upload: str, content_type: str) -> dict[str, Any]:
        """Return `url` and `fields` of a form that takes a file of this type.

        Until it expires it can be used again, and replaces the upload.
        """
        form: dict[str, Any] = self._s3.generate_presigned_post(
            self._bucket,
            f"uploads/{upload}",
            Fields={"Content-Type": content_type},
            Conditions=[
                {"Content-Type": content_type},
                ["content-length-range", 1, MAX_UPLOAD_BYTES],
            ],
            ExpiresIn=EXPIRES_IN,
        )
        return form

    def read_upload(self, upload: str) -> bytes:
        """Return the photo that was uploaded.

        Raises
        ------
        Problem
            There is no such upload, or no longer, or it is too large, or S3 does not answer.
        """
        if not UPLOAD_ID.fullmatch(upload):
            raise _unknown()
        with _s3_errors():
            try:
                found = self._s3.get_object(Bucket=self._bucket, Key=f"uploads/{upload}")
            except ClientError as error:
                if error.response["Error"]["Code"] in NOT_THERE:
                    raise _unknown() from error
                raise
            if found["ContentLength"] > MAX_UPLOAD_BYTES:
                raise Problem("too-large", f"An upload has up to {MAX_UPLOAD_BYTES:,} bytes.")
            photo: bytes = found["Body"].read()
            return photo

    def keep_photo(self, request_id: str, feedback: str, jpeg: bytes) -> str:
        """Keep a photo with a feedback; return its key.

        The request's id is in it, as in the record's: a photo whose record could not be kept
        after it is found, and deleted, by that id all the same.
        """
        key = f"feedback-photos/{request_id}/{feedback}.jpg"
        with _s3_errors():
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=jpeg, ContentType="image/jpeg")
        return key

    def keep_feedback(self, request_id: str, feedback: str, record: bytes) -> None:
        """Keep a record; one that is sent again replaces its like, whose time was earlier.

        So the last word on an answer is the latest, also where it takes back the one before.
        """
        with _s3_errors():
            self._s3.put_object(
                Bucket=self._bucket,
                Key=f"feedback/{request_id}/{feedback}.json",
                Body=record,
                ContentType="application/json",
            )


def _unknown() -> Problem:
    return Problem(
        "upload-unknown",
        "Nothing was uploaded under this id, or it is gone: uploads are kept for a day. Ask for a "
        "form with POST /v1/uploads, send the photo with it, then ask again.",
    )


@contextmanager
def _s3_errors() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Problem("inbox-failed", "Try again in a moment; nothing was lost.") from error
