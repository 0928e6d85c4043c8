"""The deployed API, asked as a consumer asks it."""

import json
import mimetypes
from pathlib import Path
from typing import NamedTuple

import urllib3
from pydantic import BaseModel, Field, ValidationError

from model_code.api_key import KEY_HELP, key_header
from model_code.errors import RefusedPhotoError, UserError
from model_code.in_time import in_time

TIMEOUT = 35  # s; API Gateway itself gives up after 29
MAX_ANSWER = 1024 * 1024  # bytes; ours have some hundreds

OF_THE_PHOTO = (400, 413, 415, 422)  # statuses that say the photo is at fault


class Answer(NamedTuple):
    """What `POST /v1/predict` says of a photo."""

    brand: str
    probabilities: dict[str, float]  # by brand, the most probable first
    release: str
    confident: bool


class _Row(BaseModel):
    brand: str
    probability: float = Field(ge=0, le=1)


class _Document(BaseModel):
    brand: str
    probabilities: list[_Row] = Field(min_length=1)
    release: str
    confident: bool


def ask(url: str, photo: Path) -> Answer:
    """Post one photo to the API whose base is `url`.

    Raises
    ------
    RefusedPhotoError
        The photo cannot be read, or the API does not take it.
    UserError
        The API cannot be reached, wants a key, or answers what is not its contract.
    """
    if not url.startswith(("http://", "https://")):
        raise UserError(f"{url} is not the URL of an API. It starts with https:// (or http://).")
    try:
        body = photo.read_bytes()
    except OSError as error:
        raise RefusedPhotoError(f"{photo} cannot be read: {error.strerror}.") from error
    media_type = mimetypes.guess_type(photo.name)[0] or "application/octet-stream"
    status, content = _post(url, body, {"Content-Type": media_type, **key_header(url)})
    if status != 200:
        refused = RefusedPhotoError if status in OF_THE_PHOTO else UserError
        help_ = f" {KEY_HELP}" if status == 403 else ""
        raise refused(f"{photo}: HTTP {status}: {_reason(content)}{help_}")
    try:
        answer = _Document.model_validate_json(content, strict=True)
    except ValidationError as error:
        raise UserError(f"{url} answered what is no prediction. Is it this API's URL?") from error
    probabilities = {row.brand: row.probability for row in answer.probabilities}
    return Answer(answer.brand, probabilities, answer.release, answer.confident)


def _post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    try:
        return in_time(lambda: _request(f"{url.rstrip('/')}/v1/predict", body, headers), TIMEOUT)
    except TimeoutError as error:
        raise UserError(
            f"{url} did not answer in {TIMEOUT} s. Check the URL and the network."
        ) from error
    except urllib3.exceptions.HTTPError as error:
        raise UserError(
            f"{url} does not answer: {str(error).rstrip('.')}. Check the URL and the network."
        ) from error


def _request(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Return the status and the answer, of which one that is too long is cut."""
    response = urllib3.request(
        "POST",
        url,
        body=body,
        headers=headers,
        timeout=TIMEOUT,
        retries=False,
        preload_content=False,
    )
    try:
        return response.status, response.read(MAX_ANSWER)
    finally:
        response.close()


def _reason(body: bytes) -> str:
    """Return the detail of a problem document, or what else was said, shortened."""
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return body.decode(errors="replace")[:200]
