"""Photos -> probabilities, by a release on disk, its endpoint, or the API in front of it."""

import json
import math
import unicodedata
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from model_code.api_client import ask
from model_code.aws import aws_errors
from model_code.errors import RefusedPhotoError, UserError
from model_code.features import (
    Extract,
    PhotoError,
    calibrate,
    csv_row,
    is_confident,
    load_extractor,
    select,
)
from model_code.release import MODEL_ARCHIVE, Release, read_release
from model_code.release.archive import unpack


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


Predictor = Callable[[Path], Prediction]


def by_release(folder: Path) -> Predictor:
    """Ask the booster of a release on disk."""
    import numpy as np
    import xgboost

    release = read_release(folder)
    extract = load_extractor(release.extractor.name, folder)
    booster = xgboost.Booster()
    booster.load_model(bytearray(unpack(folder / MODEL_ARCHIVE)))

    def predict(photo: Path) -> Prediction:
        features = _features(photo, extract, release)
        row = np.frombuffer(features, dtype=np.float32)[np.newaxis]
        return _prediction(release, features, booster.predict(xgboost.DMatrix(row))[0].tolist())

    return predict


def by_endpoint(folder: Path, endpoint: str, runtime: Any) -> Predictor:
    """Ask a SageMaker endpoint directly, as the 2019 notebook did: CSV in, JSON out."""
    release = read_release(folder)
    extract = load_extractor(release.extractor.name, folder)

    def predict(photo: Path) -> Prediction:
        features = _features(photo, extract, release)
        with aws_errors(f"ask endpoint {endpoint}"):
            response = runtime.invoke_endpoint(
                EndpointName=endpoint,
                ContentType="text/csv",
                Accept="application/json",
                Body=csv_row(features),
            )
            answer = response["Body"].read()
        if (served := response.get("InvokedProductionVariant")) != release.id:
            raise UserError(
                f"Endpoint {endpoint} serves release {served}, and the photos were prepared for "
                f"{release.id}. Name its folder with --release."
            )
        return _prediction(release, features, _scores(answer, endpoint, len(release.brands)))

    return predict


def _scores(answer: bytes, endpoint: str, brands: int) -> list[float]:
    try:
        (prediction,) = json.loads(answer)["predictions"]
        scores = [float(score) for score in prediction["score"]]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        scores = []
    sums_up = math.isclose(sum(scores), 1, abs_tol=1e-3)  # False where one is NaN
    if len(scores) != brands or not sums_up or min(scores) < 0:
        raise UserError(
            f"Endpoint {endpoint} answered what is no probability for each of {brands} brands. "
            "Is it an endpoint of this project? Deploy the release again."
        )
    return scores


def by_api(url: str) -> Predictor:
    """Ask the deployed API, which makes the features itself."""

    def predict(photo: Path) -> Prediction:
        answer = ask(url, photo)
        return Prediction(answer.probabilities, answer.release, answer.confident)

    return predict


def _features(photo: Path, extract: Extract, release: Release) -> "array[float]":
    try:
        raw = extract(photo.read_bytes())
    except (PhotoError, OSError) as error:
        raise RefusedPhotoError(f"{photo}: {error}") from error
    return select(raw, release.selection)


def _prediction(
    release: Release, features: "array[float]", endpoint_scores: list[float]
) -> Prediction:
    """Do what the Lambda does with the endpoint's answer."""
    confidence = release.confidence.chosen()
    scores = calibrate(endpoint_scores, confidence.temperature)
    probabilities = {brand.id: score for brand, score in zip(release.brands, scores, strict=True)}
    return Prediction(probabilities, release.id, is_confident(scores, features, confidence))
