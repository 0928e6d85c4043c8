"""A photo that is too large for the gateway: sent to S3 by a form that the API signs."""

import urllib3
from pydantic import BaseModel

from model_code.api_request import TIMEOUT
from model_code.errors import UserError

MOST_DIRECT = 4_500_000  # bytes that the API takes in a request
MOST_UPLOAD = 25 * 1024 * 1024  # bytes that it takes at all; more are not even read
KINDS = {b"\x89PNG": "image/png", b"RIFF": "image/webp"}  # by how a file begins


class Form(BaseModel):
    """What `POST /v1/uploads` answers."""

    upload: str
    url: str
    fields: dict[str, str]
    max_bytes: int


def kind_of(photo: bytes) -> str:
    """Name the type of a photo; what is none is refused later as a JPEG that is damaged."""
    return KINDS.get(photo[:4], "image/jpeg")


def upload(url: str, form: Form, photo: bytes) -> str:
    """Send a photo with a form that the API at `url` gave; return the upload's id.

    Raises
    ------
    UserError
        S3 does not take it.
    """
    fields: dict[str, str | bytes | tuple[str, str | bytes]]
    fields = {**form.fields, "file": ("photo", photo)}
    try:
        answer = urllib3.request("POST", form.url, fields=fields, timeout=TIMEOUT, retries=3)
    except urllib3.exceptions.HTTPError as error:
        raise UserError(f"{form.url} does not answer: {error}. Check the network.") from error
    if answer.status >= 300:
        raise UserError(
            f"{form.url} did not take what {url} gave a form for: HTTP {answer.status}. Is this "
            "machine's clock right?"
        )
    return form.upload
