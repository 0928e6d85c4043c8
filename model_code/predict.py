"""Photos -> probabilities, by a release on disk, its endpoint, or the API in front of it."""

import os
import unicodedata
from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from model_code.api_client import MOST_PHOTOS, Answer, ask_several, served_model
from model_code.aws import aws_errors
from model_code.errors import RefusedPhotoError, UserError
from model_code.features import (
    Extract,
    PhotoError,
    calibrate,
    csv_row,
    is_confident,
    load_extractor,
    parse_scores,
    select,
)
from model_code.photo_file import PhotoFile, photo_file
from model_code.release import MODEL_ARCHIVE, read_release
from model_code.release.archive import unpack

GROUP = 64  # photos at once; their rows are far below the 6 MiB that an endpoint takes


class Prediction(NamedTuple):
    """One photo's probabilities and the release that gave them."""

    probabilities: dict[str, float]  # by brand
    release: str
    confident: bool

    @property
    def ranking(self) -> list[tuple[str, float]]:
        """The brands with their probabilities, the most probable first."""
        return sorted(self.probabilities.items(), key=lambda item: -item[1])

    def actual(self, photo: Path) -> str | None:
        """Return the brand that the photo's folder is named after, if it is one."""
        name = unicodedata.normalize("NFC", photo.resolve().parent.name)
        return name if name in self.probabilities else None


if TYPE_CHECKING:
    Row: TypeAlias = array[float]  # the features of one photo
else:
    Row = array  # which Python 3.11 does not know with a type of its items
Outcome = Prediction | RefusedPhotoError


class Served(NamedTuple):
    """Which release answers, and what its brands are called, in class order."""

    release: str
    names: dict[str, str]


class Predictor(NamedTuple):
    """One way to ask."""

    group: int  # how many photos to ask about at once
    served: Callable[[], Served]
    predict: Callable[[Sequence[PhotoFile]], list[Outcome]]  # an outcome for each, in order

    def __call__(self, photo: Path) -> Prediction:
        """Ask about one photo.

        Raises
        ------
        RefusedPhotoError
            It cannot be answered.
        """
        (outcome,) = self.predict([photo_file(photo)])
        if isinstance(outcome, RefusedPhotoError):
            raise RefusedPhotoError(f"{photo}: {outcome}") from outcome
        return outcome


class Prepared:
    """What makes features of photos, as the Lambda does for a release."""

    def __init__(self, folder: Path) -> None:
        self.release = read_release(folder)
        self._extract: Extract = load_extractor(self.release.extractor.name, folder)
        # Threads: Pillow and onnxruntime work without the interpreter's lock.
        self._pool = ThreadPoolExecutor(os.cpu_count())

    def served(self) -> Served:
        """Say which release this is."""
        return Served(self.release.id, {brand.id: brand.name for brand in self.release.brands})

    def features(self, photos: Sequence[PhotoFile]) -> list[Row | RefusedPhotoError]:
        """Return for each photo its features, or why there are none."""
        return list(self._pool.map(self._features, photos))

    def _features(self, photo: PhotoFile) -> Row | RefusedPhotoError:
        try:
            return select(self._extract(photo.read()), self.release.selection)
        except PhotoError as error:
            return RefusedPhotoError(str(error))
        except RefusedPhotoError as error:
            return error

    def prediction(self, features: Row, scores: Sequence[float]) -> Prediction:
        """Do what the Lambda does with the endpoint's scores."""
        confidence = self.release.confidence.chosen()
        honest = calibrate(scores, confidence.temperature)
        brands = (brand.id for brand in self.release.brands)
        sure = is_confident(honest, features, confidence)
        return Prediction(dict(zip(brands, honest, strict=True)), self.release.id, sure)

    def predictor(self, score: Callable[[list[Row]], list[list[float]]]) -> Predictor:
        """Make a way to ask of what turns the features of some photos into scores."""

        def predict(photos: Sequence[PhotoFile]) -> list[Outcome]:
            found = self.features(photos)
            rows = [row for row in found if not isinstance(row, RefusedPhotoError)]
            scores = iter(score(rows) if rows else ())
            return [
                row if isinstance(row, RefusedPhotoError) else self.prediction(row, next(scores))
                for row in found
            ]

        return Predictor(GROUP, self.served, predict)


def by_release(folder: Path) -> Predictor:
    """Ask the booster of a release on disk."""
    import numpy as np
    import xgboost

    prepared = Prepared(folder)
    booster = xgboost.Booster()
    booster.load_model(bytearray(unpack(folder / MODEL_ARCHIVE)))

    def score(rows: list[Row]) -> list[list[float]]:
        scores: list[list[float]] = booster.predict(xgboost.DMatrix(np.asarray(rows))).tolist()
        return scores

    return prepared.predictor(score)


def by_endpoint(folder: Path, endpoint: str, runtime: Any) -> Predictor:
    """Ask a SageMaker endpoint directly, as the 2019 notebook did: CSV in, JSON out."""
    prepared = Prepared(folder)
    release = prepared.release

    def score(rows: list[Row]) -> list[list[float]]:
        with aws_errors(f"ask endpoint {endpoint}"):
            response = runtime.invoke_endpoint(
                EndpointName=endpoint,
                ContentType="text/csv",
                Accept="application/json",
                Body="\n".join(map(csv_row, rows)),
            )
            answer = response["Body"].read()
        if (served := response.get("InvokedProductionVariant")) != release.id:
            raise UserError(
                f"Endpoint {endpoint} serves release {served}, and the photos were prepared for "
                f"{release.id}. Name its folder with --release."
            )
        brands = len(release.brands)
        try:
            return parse_scores(answer, len(rows), brands)
        except ValueError as error:
            raise UserError(
                f"Endpoint {endpoint} answered what is no probability for each of {brands} brands. "
                "Is it an endpoint of this project? Deploy the release again."
            ) from error

    return prepared.predictor(score)


def by_api(url: str) -> Predictor:
    """Ask the deployed API, which makes the features itself."""

    def served() -> Served:
        model = served_model(url)
        return Served(model.release, {brand.brand: brand.name for brand in model.brands})

    def predict(photos: Sequence[PhotoFile]) -> list[Outcome]:
        return [_of_api(answer) for answer in ask_several(url, photos)]

    return Predictor(MOST_PHOTOS, served, predict)


def _of_api(answer: Answer | RefusedPhotoError) -> Outcome:
    if isinstance(answer, RefusedPhotoError):
        return answer
    return Prediction(answer.probabilities, answer.release, answer.confident)
