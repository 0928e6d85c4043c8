"""The deployed API, asked as a consumer asks it."""

import json
import mimetypes
from pathlib import Path
from typing import NamedTuple

import urllib3

from model_code.errors import RefusedPhotoError, UserError

TIMEOUT = 35  # s; API Gateway itself gives up after 29

OF_THE_PHOTO = (400, 413, 415, 422)  # statuses that say the photo is at fault


class Answer(NamedTuple):
    """What `POST /v1/predict` says of a photo."""

    brand: str
    probabilities: dict[str, float]  # by brand, the most probable first
    release: str


def ask(url: str, photo: Path) -> Answer:
    """Post one photo to the API whose base is `url`.

    Raises
    ------
    RefusedPhotoError
        The photo cannot be read, or the API does not take it.
    UserError
        The API cannot be reached, or answers what is not its contract.
    """
    if not url.startswith(("http://", "https://")):
        raise UserError(f"{url} is not the URL of an API. It starts with https:// (or http://).")
    try:
        body = photo.read_bytes()
    except OSError as error:
        raise RefusedPhotoError(f"{photo} cannot be read: {error.strerror}.") from error
    media_type = mimetypes.guess_type(photo.name)[0] or "application/octet-stream"
    try:
        response = urllib3.request(
            "POST",
            f"{url.rstrip('/')}/v1/predict",
            body=body,
            headers={"Content-Type": media_type},
            timeout=TIMEOUT,
            retries=False,
        )
    except urllib3.exceptions.HTTPError as error:
        raise UserError(
            f"{url} does not answer: {error}. Check the URL and the network."
        ) from error
    if response.status != 200:
        refused = RefusedPhotoError if response.status in OF_THE_PHOTO else UserError
        raise refused(f"{photo}: HTTP {response.status}: {_reason(response.data)}")
    try:
        answer = json.loads(response.data)
        probabilities = {row["brand"]: row["probability"] for row in answer["probabilities"]}
        return Answer(answer["brand"], probabilities, answer["release"])
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{url} answered what is no prediction. Is it this API's URL?") from error


def _reason(body: bytes) -> str:
    """Return the detail of a problem document, or what else was said, shortened."""
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")[:200]
