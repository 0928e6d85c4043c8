"""SageMaker's batch transforms: rows of CSV from S3, scored by the model's container, to S3.

What is not emulated is refused when the job is created: other formats than CSV split by lines,
and paths in the filters that are more than numbers and ranges of columns.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from local_cloud.api_description import Document, SageMakerError
from local_cloud.model_server import ModelError, ModelServer

MEGABYTE = 1024 * 1024
DEFAULT_PAYLOAD = 6  # MB
FILTER = re.compile(r"\$(\[(-?\d+|-?\d*:-?\d*)(,(-?\d+|-?\d*:-?\d*))*\])?")


class Objects(NamedTuple):
    """S3, as far as it is needed."""

    read: Callable[[str, str], bytes | None]
    keys: Callable[[str, str], list[str]]  # of a bucket, below a prefix, in order
    write: Callable[[str, str, bytes], None]


class TransformJobs:
    """The jobs of one account and region; `server` makes the container of a model by its name."""

    def __init__(
        self, arn_prefix: str, objects: Objects, server: Callable[[str], ModelServer]
    ) -> None:
        self._arn_prefix, self._objects, self._server = arn_prefix, objects, server
        self._jobs: dict[str, Document] = {}
        self.operations: dict[str, Callable[[Document], Document]] = {
            "CreateTransformJob": self._create,
            "DescribeTransformJob": self._describe,
            "StopTransformJob": self._stop,
        }

    def run(self, name: str) -> None:
        """Do a job that was created, or let it fail as a whole."""
        job = self._jobs[name]
        if job["TransformJobStatus"] != "InProgress":
            return
        try:
            self._transform(job)
        except (ModelError, SageMakerError) as error:
            job |= {"TransformJobStatus": "Failed", "FailureReason": str(error)}
        else:
            job["TransformJobStatus"] = "Completed"
        job["TransformEndTime"] = time.time()

    def _create(self, request: Document) -> Document:
        name = request["TransformJobName"]
        if name in self._jobs:  # for good: a job is never deleted
            raise SageMakerError("Job name must be unique within an AWS account.", "ResourceInUse")
        _check(request)
        arn = f"{self._arn_prefix}:transform-job/{name.lower()}"
        started = {"TransformJobStatus": "InProgress", "CreationTime": time.time()}
        self._jobs[name] = {**request, "TransformJobArn": arn, **started}
        return {"TransformJobArn": arn}

    def _describe(self, request: Document) -> Document:
        return dict(self._find(request["TransformJobName"]))

    def _stop(self, request: Document) -> Document:
        job = self._find(request["TransformJobName"])
        if job["TransformJobStatus"] != "InProgress":
            raise SageMakerError(
                "The request was rejected because the transform job is in status "
                f"{job['TransformJobStatus']}."
            )
        job["TransformJobStatus"] = "Stopped"
        return {}

    def _find(self, name: str) -> Document:
        if name not in self._jobs:
            raise SageMakerError(f"Could not find requested job with name: {name}")
        return self._jobs[name]

    def _transform(self, job: Document) -> None:
        server = self._server(job["ModelName"])
        bucket, prefix = _parts(job["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"])
        keys = self._objects.keys(bucket, prefix)
        if not keys:
            raise SageMakerError(f"No objects found under S3 prefix s3://{bucket}/{prefix}.")
        to, folder = _parts(job["TransformOutput"]["S3OutputPath"])
        for key in keys:
            name = key.removeprefix(prefix).lstrip("/") or key.rpartition("/")[2]
            content = (self._objects.read(bucket, key) or b"").decode()
            lines = _answers(server, content, job, key)
            self._objects.write(
                to, f"{folder.rstrip('/')}/{name}.out", "".join(f"{x}\n" for x in lines).encode()
            )


def _check(request: Document) -> None:
    source, output = request["TransformInput"], request["TransformOutput"]
    processing = request.get("DataProcessing", {})
    wanted = {
        "S3DataType": (source["DataSource"]["S3DataSource"]["S3DataType"], "S3Prefix"),
        "SplitType": (source.get("SplitType"), "Line"),
        "AssembleWith": (output.get("AssembleWith"), "Line"),
        "CompressionType": (source.get("CompressionType", "None"), "None"),
        "ContentType": (source.get("ContentType"), "text/csv"),
        "Accept": (output.get("Accept"), "text/csv"),
    }
    for member, (value, emulated) in wanted.items():
        if value != emulated:
            raise SageMakerError(f"{member} {value} is not emulated here, only {emulated}.")
    for member in ("InputFilter", "OutputFilter"):
        if not FILTER.fullmatch(processing.get(member, "$")):
            raise SageMakerError(f"{member} {processing[member]} is not emulated here.")


def _answers(server: ModelServer, content: str, job: Document, key: str) -> Iterator[str]:
    processing = job.get("DataProcessing", {})
    joins = processing.get("JoinSource", "None") == "Input"
    lines = [line for line in content.split("\n") if line]
    inputs = [_filtered(line, processing.get("InputFilter", "$")) for line in lines]
    scored = iter(_score(server, inputs, job, key))
    for line, scores in zip(lines, scored, strict=True):
        joined = f"{line},{scores}" if joins else scores
        yield _filtered(joined, processing.get("OutputFilter", "$"))


def _score(server: ModelServer, lines: list[str], job: Document, key: str) -> Iterator[str]:
    """Ask about some lines at once, as many as the payload takes."""
    headers = {"content-type": "text/csv", "accept": "text/csv"}
    for body in _payloads(lines, job):
        answer = server.respond("POST", "/invocations", headers, body.encode())
        if answer.status != 200:
            raise SageMakerError(
                f"ClientError: See job logs for more information: {key}: Bad HTTP status "
                f"received from algorithm: {answer.status}: {answer.body}"
            )
        rows = answer.body.rstrip("\n").split("\n")
        if len(rows) != body.count("\n"):
            raise SageMakerError(f"{key}: the container answered another number of rows.")
        yield from rows


def _payloads(lines: Iterable[str], job: Document) -> Iterator[str]:
    most = job.get("MaxPayloadInMB", DEFAULT_PAYLOAD) * MEGABYTE
    single = job.get("BatchStrategy", "MultiRecord") == "SingleRecord"
    body = ""
    for line in lines:
        if body and (single or len(body) + len(line) + 1 > most):
            yield body
            body = ""
        body += f"{line}\n"
    if body:
        yield body


def _filtered(line: str, path: str) -> str:
    """Choose columns as `$[0,3:]` does."""
    if path == "$":
        return line
    cells, chosen = line.split(","), []
    for step in path[2:-1].split(","):
        first, colon, last = step.partition(":")
        if colon:
            chosen += cells[_number(first) : _number(last)]
        elif not -len(cells) <= int(step) < len(cells):
            raise SageMakerError(f"ClientError: {path} names a column that a row does not have.")
        else:
            chosen.append(cells[int(step)])
    return ",".join(chosen)


def _number(text: str) -> Any:
    return int(text) if text else None


def _parts(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key
