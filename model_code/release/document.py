"""`release.json`: everything about a release but the booster itself, as one frozen model."""

import hashlib
import json
import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from model_code.errors import UserError
from model_code.features import Confidence

# The tag of the built-in container, and the XGBoost in it.
CONTAINER_VERSION = "3.2-0"
CONTAINER_XGBOOST = {"3.2-0": (3, 2, 0)}

DOCUMENT = "release.json"
MODEL_ARCHIVE = "model.tar.gz"
S3_PREFIX = "releases"  # where they lie in the bucket; the endpoint's role reads below it
ID_LENGTH = 16  # hexadecimal digits of a SHA-256
ID = re.compile(rf"[0-9a-f]{{{ID_LENGTH}}}")


class ReleaseError(UserError):
    """A release that would answer wrongly; the message says what is wrong and how to mend it."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Brand(_Frozen):
    """One class: an identifier (the photo folder's name) and what to show people."""

    id: str
    name: str


class ExtractorFacts(_Frozen):
    """What computes the raw vector, to the version and the digest of its weights, if any."""

    name: str
    version: int
    raw_length: int
    weights_sha256: str | None = None


class ModelFacts(_Frozen):
    """The booster in `model.tar.gz`, told without opening it."""

    sha256: str
    num_feature: int
    num_class: int
    objective: str
    xgboost_version: str
    container_version: str


class Training(_Frozen):
    """Where the booster comes from: the same values give the same release."""

    photos_sha256: str
    photos: dict[str, dict[str, int]]  # brand -> {"train": photos, "test": photos}
    recipe: dict[str, Any]
    seed: int


class ConfidenceFacts(_Frozen):
    """When an answer is confident; chosen on validation photos, see `model_code.calibration`."""

    temperature: float = Field(gt=0, allow_inf_nan=False)
    precision: float = Field(gt=0, le=1)  # the share of confident answers that shall be right
    min_probability: float = Field(ge=0, le=1)
    min_likeness: float = Field(ge=-1, le=1)
    means: tuple[tuple[float, ...], ...]  # by class: mean features, scaled to length 1

    def chosen(self) -> Confidence:
        """Return what answers are calibrated and judged by."""
        return Confidence(self.temperature, self.min_probability, self.min_likeness, self.means)


class Golden(_Frozen):
    """One photo a brand with what it must become, to replay at synth and against the API."""

    brand: str
    photo: str  # path in the release folder
    sha256: str
    features: tuple[float, ...]
    probabilities: tuple[float, ...]  # by class, in the order of `brands`; calibrated


class Tolerance(_Frozen):
    """How far a replay may differ: decoders and arithmetic vary a little between machines.

    A JPEG decoder may be one or two of 255 levels off; a feature on the other side of a
    tree's threshold then moves a probability by a step.
    """

    features: float = Field(default=0.02, ge=0, le=0.1)
    probabilities: float = Field(default=0.05, ge=0, le=0.1)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number.")


class Release(_Frozen):
    """A release folder's `release.json`."""

    format: Literal[2] = 2
    brands: tuple[Brand, ...]  # in class order
    extractor: ExtractorFacts
    selection: tuple[int, ...]  # sorted indices of the raw vector
    model: ModelFacts
    confidence: ConfidenceFacts
    training: Training
    metrics: dict[str, Any]
    golden: tuple[Golden, ...]
    tolerance: Tolerance = Tolerance()

    @property
    def id(self) -> str:
        """A digest of all that decides an answer, so the same answers have the same id."""
        decisive = self.model_dump(
            include={"format", "brands", "extractor", "selection", "model", "confidence"}
        )
        text = json.dumps(decisive, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]

    @classmethod
    def from_json(cls, text: str | bytes) -> "Release":
        """Read what `to_json` wrote.

        Raises
        ------
        ReleaseError
            It is no such document, or was edited: its id is not that of its content.
        """
        try:
            document = json.loads(text, parse_constant=_refuse_constant)
            claimed = document.pop("id")
            release = cls.model_validate(document)
            release.to_json().encode()  # JSON's escapes can name what is no text
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
            raise ReleaseError(f"This is not a release's description: {error}") from error
        if claimed != release.id:
            raise ReleaseError(
                f"It says id {claimed}, but its content makes {release.id}: it was edited, and "
                "releases are immutable."
            )
        return release

    def to_json(self) -> str:
        """Write with the id in front, the same text for the same release."""
        document = {"id": self.id, **self.model_dump(mode="json")}
        return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
