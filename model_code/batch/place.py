"""Where one batch transform has its files: a prefix of the releases' bucket, which expires."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from model_code.aws import aws_errors, list_objects


class Place(NamedTuple):
    """A prefix of a bucket, and how to get there."""

    bucket: str
    prefix: str  # batch/<digest>
    s3: Any

    def url(self, part: str) -> str:
        """Name a part as SageMaker wants it."""
        return f"s3://{self.bucket}/{self._key(part)}"

    def put(self, part: str, body: bytes) -> None:
        """Write an object."""
        with aws_errors(f"write {self.url(part)}"):
            self.s3.put_object(Bucket=self.bucket, Key=self._key(part), Body=body)

    def get(self, part: str) -> bytes | None:
        """Return an object, None where there is none."""
        with aws_errors(f"read {self.url(part)}"):
            try:
                answer = self.s3.get_object(Bucket=self.bucket, Key=self._key(part))
                return bytes(answer["Body"].read())
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchKey":
                    raise
                return None

    def names(self, folder: str) -> Iterator[str]:
        """Yield the names of the files in a folder, without the folder."""
        below = self._key(folder) + "/"  # without it, `job-1` would have the files of `job-10` too
        for item in list_objects(self.s3, self.bucket, below):
            yield PurePosixPath(item["Key"]).name

    def _key(self, part: str) -> str:
        return f"{self.prefix}/{part}"
