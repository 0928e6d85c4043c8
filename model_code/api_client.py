"""The deployed API, asked as a consumer asks it."""

import base64
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import BaseModel, Field, ValidationError

from model_code.api_key import KEY_HELP
from model_code.api_request import Answered, request
from model_code.api_upload import MOST_DIRECT, MOST_UPLOAD, Form, kind_of, upload
from model_code.errors import RefusedPhotoError, UserError
from model_code.photo_file import PhotoFile

OF_THE_PHOTO = (400, 413, 415, 422)  # statuses that say the photo is at fault
TOO_SLOW = "urn:chicklearning:problem:too-slow"  # the photos before it took all the time
MOST_PHOTOS = 20  # a request
MOST_BYTES = 4_200_000  # of photos a request: 4/3 of it in base64, in the 6 MB of an event


Found = TypeVar("Found", bound=BaseModel)


class Answer(NamedTuple):
    """What `POST /v1/predict` says of a photo."""

    brand: str
    probabilities: dict[str, float]  # by brand, the most probable first
    release: str
    confident: bool


class Brand(BaseModel):
    """A brand in `GET /v1/model`."""

    brand: str
    name: str


class ModelDocument(BaseModel):
    """What `GET /v1/model` says, of which this is used."""

    release: str
    brands: list[Brand] = Field(min_length=1)


class _Row(BaseModel):
    brand: str
    probability: float = Field(ge=0, le=1)


class _Document(BaseModel):
    brand: str
    probabilities: list[_Row] = Field(min_length=1)
    confident: bool


class _One(_Document):
    release: str


class _Problem(BaseModel):
    type: str
    status: int
    detail: str

    @property
    def is_of_the_photo(self) -> bool:
        """Tell whether the photo would be refused alone too."""
        return self.status in OF_THE_PHOTO and self.type != TOO_SLOW


class _Several(BaseModel):
    answers: list[_Document | _Problem]
    release: str


def ask(url: str, photo: Path) -> Answer:
    """Post one photo to the API whose base is `url`.

    Raises
    ------
    RefusedPhotoError
        The photo cannot be read, or the API does not take it.
    UserError
        The API cannot be reached, wants a key, or answers what is not its contract.
    """
    try:
        body = photo.read_bytes()
    except OSError as error:
        raise RefusedPhotoError(f"{photo} cannot be read: {error.strerror}.") from error
    try:
        return ask_one(url, body)
    except RefusedPhotoError as error:
        raise RefusedPhotoError(f"{photo}: {error}") from error


def ask_one(url: str, photo: bytes) -> Answer:
    """Post one photo, whose bytes tell what kind of file it is, whatever its name says."""
    if len(photo) > MOST_DIRECT:
        answered = _ask_large(url, photo)
    else:
        kind = "application/octet-stream"
        answered = request("POST", url, "/v1/predict", photo, Content_Type=kind)
    if answered.status in OF_THE_PHOTO:
        raise RefusedPhotoError(_reason(answered))
    found = _parsed(url, _One, "prediction", answered)
    return _answer(found, found.release)


def _ask_large(url: str, photo: bytes) -> Answered:
    wanted = {"content_type": kind_of(photo)}
    form = _parsed(url, Form, "form", _post_json(url, "/v1/uploads", wanted))
    if len(photo) > form.max_bytes:
        raise RefusedPhotoError(f"has {len(photo):,} bytes, and {form.max_bytes:,} are taken.")
    return _post_json(url, "/v1/predict", {"upload": upload(url, form, photo)})


def _post_json(url: str, path: str, document: object) -> Answered:
    body = json.dumps(document).encode()
    return request("POST", url, path, body, Content_Type="application/json")


def ask_several(url: str, photos: Sequence[PhotoFile]) -> list[Answer | RefusedPhotoError]:
    """Post photos in as few requests as the API takes; only those of one are in memory.

    Raises
    ------
    UserError
        As `ask`: the API as a whole is at fault, not one photo.
    """
    return [answer for group in _groups(photos) for answer in _ask_files(url, group)]


def _groups(photos: Sequence[PhotoFile]) -> Iterator[list[PhotoFile]]:
    group: list[PhotoFile] = []
    room = MOST_BYTES
    for photo in photos:
        if group and (photo.size > room or len(group) == MOST_PHOTOS):
            yield group
            group, room = [], MOST_BYTES
        group.append(photo)
        room -= photo.size
    if group:
        yield group


def _ask_files(url: str, group: list[PhotoFile]) -> list[Answer | RefusedPhotoError]:
    contents = list(map(_content, group))
    answers = iter(_ask_group(url, [each for each in contents if isinstance(each, bytes)]))
    return [next(answers) if isinstance(each, bytes) else each for each in contents]


def _content(photo: PhotoFile) -> bytes | RefusedPhotoError:
    try:
        return photo.read(MOST_UPLOAD)
    except RefusedPhotoError as error:
        return error


def _ask_group(url: str, group: list[bytes]) -> list[Answer | RefusedPhotoError]:
    if len(group) > 1:
        photos = [base64.b64encode(photo).decode() for photo in group]
        answered = _post_json(url, "/v1/predict", {"photos": photos})
        if answered.status >= 500:  # one of them may be at fault: the others are answered
            middle = len(group) // 2
            return _ask_group(url, group[:middle]) + _ask_group(url, group[middle:])
        if answered.status not in OF_THE_PHOTO:
            return _answers(url, _parsed(url, _Several, "prediction", answered), group)
    # One photo is sent as it is. So is each of several that the API does not take together.
    return [_ask_alone(url, photo) for photo in group]


def _ask_alone(url: str, photo: bytes) -> Answer | RefusedPhotoError:
    try:
        return ask_one(url, photo)
    except RefusedPhotoError as error:
        return error


def _answers(url: str, found: _Several, group: list[bytes]) -> list[Answer | RefusedPhotoError]:
    if len(found.answers) != len(group):
        raise UserError(f"{url} gave {len(found.answers)} answers about {len(group)} photos.")
    answers: list[Answer | RefusedPhotoError] = []
    for photo, each in zip(group, found.answers, strict=True):
        if isinstance(each, _Document):
            answers.append(_answer(each, found.release))
        elif each.is_of_the_photo:
            answers.append(RefusedPhotoError(f"HTTP {each.status}: {each.detail}"))
        else:
            answers.append(_ask_alone(url, photo))
    return answers


def served_model(url: str) -> ModelDocument:
    """Ask which release answers, and about its brands."""
    return _parsed(url, ModelDocument, "model", request("GET", url, "/v1/model", b""))


def _answer(found: _Document, release: str) -> Answer:
    probabilities = {row.brand: row.probability for row in found.probabilities}
    return Answer(found.brand, probabilities, release, found.confident)


def _parsed(url: str, kind: type[Found], what: str, answered: Answered) -> Found:
    if answered.status not in (200, 201):
        help_ = f" {KEY_HELP}" if answered.status == 403 else ""
        raise UserError(f"{url}: {_reason(answered)}{help_}")
    try:
        return kind.model_validate_json(answered.body, strict=True)
    except ValidationError as error:
        raise UserError(f"{url} answered what is no {what}. Is it this API's URL?") from error


def _reason(answered: Answered) -> str:
    """Return status and detail of a problem document, or what else was said, shortened."""
    try:
        detail = str(json.loads(answered.body)["detail"])
    except (ValueError, KeyError, TypeError, RecursionError):
        detail = answered.body.decode(errors="replace")[:200]
    return f"HTTP {answered.status}: {detail}"
