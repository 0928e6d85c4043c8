"""The built-in XGBoost container: what it answers to a request, word for word where recorded.

Held to recordings of the real container's serving code (XGBoost 3.2.0). Only CSV goes in here;
the container takes libsvm, parquet and recordio-protobuf too.
"""

import csv
import gzip
import io
import json
import tarfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xgboost

Scores = npt.NDArray[np.float32]  # (rows, classes)

TEXT = "text/html; charset=utf-8"  # what the container's framework calls its plain answers
CSV = "text/csv; charset=utf-8"
KNOWN_CONTENT_TYPES = (
    "csv, libsvm, parquet, recordio-protobuf, text/csv, text/libsvm, text/x-libsvm, "
    "application/x-parquet, application/x-recordio-protobuf"
)
KNOWN_ACCEPTS = [
    "application/json",
    "application/jsonlines",
    "application/x-recordio-protobuf",
    "text/csv",
]
SERVER_ERROR = (
    "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n"
    "<h1>Internal Server Error</h1>\n<p>The server encountered an internal error and was unable "
    "to complete your request. Either the server is overloaded or there is an error in the "
    "application.</p>\n"
)


class ModelError(Exception):
    """The archive holds no model that the container could load."""


class Response(NamedTuple):
    """An HTTP response."""

    status: int
    content_type: str
    body: str


class ModelServer:
    """One container with one archive's models."""

    def __init__(self, archive: bytes, environment: Mapping[str, str]) -> None:
        """Load every file at the top of `archive`, a model.tar.gz.

        Raises
        ------
        ModelError
            It is not a tar.gz, is empty, or a file in it is not a booster.
        """
        self._boosters = [_load(name, content) for name, content in _files(archive)]
        if not self._boosters:
            raise ModelError("The model archive is empty.")
        self._environment = environment

    def respond(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Answer one request; `headers` by their lower-case names."""
        match method, path:
            case "GET", "/ping":
                return Response(200, TEXT, "")
            case "GET", "/execution-parameters":
                limits = {
                    "MaxConcurrentTransforms": 2,
                    "BatchStrategy": "MULTI_RECORD",
                    "MaxPayloadInMB": 6,
                }
                return Response(200, "application/json", json.dumps(limits))
            case "POST", "/invocations":
                return self._invoke(headers, body)
        return Response(404, TEXT, "")

    def _invoke(self, headers: Mapping[str, str], body: bytes) -> Response:
        if not body:
            return Response(204, TEXT, "")
        content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type not in ("text/csv", "csv"):
            message = f"{content_type} is not an accepted ContentType: {KNOWN_CONTENT_TYPES}."
            return Response(415, TEXT, message)
        try:
            rows = _parse(body)
        except ValueError as error:
            return Response(
                415,
                TEXT,
                "Loading csv data failed with Exception, please ensure data is in csv format:\n "
                f"{type(error)}\n {error}",
            )
        try:
            scores = self._predict(rows)
        except xgboost.core.XGBoostError as error:
            return Response(400, TEXT, f"Unable to evaluate payload provided: {error}")
        return self._encode(scores, headers.get("accept", ""))

    def _predict(self, rows: npt.NDArray[np.float64]) -> Scores:
        data = xgboost.DMatrix(rows)
        # Fewer columns than the model has are missing values to it, not an error.
        answers = [booster.predict(data, validate_features=False) for booster in self._boosters]
        mean: Scores = np.mean(answers, axis=0) if len(answers) > 1 else answers[0]
        return mean

    def _encode(self, scores: Scores, accept: str) -> Response:
        if accept in ("", "*/*"):
            accept = self._environment.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv")
        if accept not in KNOWN_ACCEPTS:
            message = (
                f"Accept type {accept} is not supported. Please use supported accept types: "
                f"{KNOWN_ACCEPTS}."
            )
            return Response(406, TEXT, message)
        chosen = self._environment.get("SAGEMAKER_INFERENCE_OUTPUT")
        keys = chosen.split(",") if chosen else None
        encode = ENCODERS.get((accept, keys is not None))
        if encode is None:  # as the container: jsonlines need chosen keys; protobuf is not here
            return Response(500, TEXT, SERVER_ERROR)
        return encode([_record(row, keys) for row in scores])


def _files(archive: bytes) -> list[tuple[str, bytes]]:
    try:
        # Unzipped as a whole: tarfile stops at the tar's end, before the checksum.
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive)), mode="r:") as tar:
            return [
                (member.name, file.read())
                for member in tar
                if member.isfile() and "/" not in member.name.removeprefix("./")
                if (file := tar.extractfile(member))
            ]
    except (tarfile.TarError, OSError, EOFError, ValueError, zlib.error) as error:
        raise ModelError(f"The model archive is not a tar.gz: {error}") from error


def _load(name: str, content: bytes) -> xgboost.Booster:
    if not content:  # XGBoost ends the whole process over it
        raise ModelError(f"Model {name} cannot be loaded: it is empty.")
    booster = xgboost.Booster({"nthread": 1})
    try:
        booster.load_model(bytearray(content))
    except xgboost.core.XGBoostError as error:
        raise ModelError(f"Model {name} cannot be loaded: {error}") from error
    return booster


def _parse(body: bytes) -> npt.NDArray[np.float64]:
    """Parse CSV as the container does, with numpy, whose messages the caller gets to see."""
    rows = [
        [cell or "nan" for cell in line.split(",")]
        for line in body.decode("utf-8").strip("\n").split("\n")
    ]
    return np.array(rows).astype(float)


Record = dict[str, Any]


def _record(scores: Scores, keys: list[str] | None) -> Record:
    if keys is None:
        return {"score": scores.tolist()}
    known = {"predicted_label": int(scores.argmax()), "probabilities": scores.tolist()}
    return {key: known.get(key, "nan") for key in keys}  # the container does not know it either


def _as_json(records: list[Record]) -> Response:
    return Response(200, "application/json", json.dumps({"predictions": records}))


def _as_jsonlines(records: list[Record]) -> Response:
    lines = "".join(json.dumps(record) + "\n" for record in records)
    return Response(200, "application/jsonlines", lines)


def _as_csv(records: list[Record]) -> Response:
    lines = "".join(",".join(map(str, record["score"])) + "\n" for record in records)
    return Response(200, CSV, lines)


def _as_csv_of_keys(records: list[Record]) -> Response:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(record.values() for record in records)
    return Response(200, CSV, file.getvalue().rstrip("\n"))


# (accept, whether keys were chosen) -> encoder
ENCODERS: dict[tuple[str, bool], Callable[[list[Record]], Response]] = {
    ("text/csv", False): _as_csv,
    ("text/csv", True): _as_csv_of_keys,
    ("application/json", False): _as_json,
    ("application/json", True): _as_json,
    ("application/jsonlines", True): _as_jsonlines,
}
