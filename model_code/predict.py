"""Photos -> probabilities, by a release on disk, its endpoint, or the API in front of it."""

import json
import math
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from model_code.api_client import ask
from model_code.aws import aws_errors
from model_code.errors import RefusedPhotoError, UserError
from model_code.features import Extract, PhotoError, csv_row, load_extractor, select
from model_code.release import MODEL_ARCHIVE, Release, read_release
from model_code.release.archive import unpack


class Prediction(NamedTuple):
    """One photo's probabilities and the release that gave them."""

    probabilities: dict[str, float]  # by brand
    release: str

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
    booster = xgboost.Booster()
    booster.load_model(bytearray(unpack(folder / MODEL_ARCHIVE)))

    def predict(photo: Path) -> Prediction:
        features = np.frombuffer(_features(photo, release), dtype=np.float32)
        return _named(release, booster.inplace_predict(features[np.newaxis])[0].tolist())

    return predict


def by_endpoint(folder: Path, endpoint: str, runtime: Any) -> Predictor:
    """Ask a SageMaker endpoint directly, as the 2019 notebook did: CSV in, JSON out."""
    release = read_release(folder)

    def predict(photo: Path) -> Prediction:
        with aws_errors(f"ask endpoint {endpoint}"):
            response = runtime.invoke_endpoint(
                EndpointName=endpoint,
                ContentType="text/csv",
                Accept="application/json",
                Body=csv_row(_features(photo, release)),
            )
            answer = response["Body"].read()
        if (served := response.get("InvokedProductionVariant")) != release.id:
            raise UserError(
                f"Endpoint {endpoint} serves release {served}, and the photos were prepared for "
                f"{release.id}. Name its folder with --release."
            )
        return _named(release, _scores(answer, endpoint, len(release.brands)))

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
        return Prediction(answer.probabilities, answer.release)

    return predict


def _features(photo: Path, release: Release) -> Any:
    try:
        raw = EXTRACTORS[release.extractor.name].extract(open_photo(photo.read_bytes()))
    except (PhotoError, OSError) as error:
        raise RefusedPhotoError(f"{photo}: {error}") from error
    return select(raw, release.selection)


def _named(release: Release, scores: list[float]) -> Prediction:
    probabilities = {brand.id: score for brand, score in zip(release.brands, scores, strict=True)}
    return Prediction(probabilities, release.id)
