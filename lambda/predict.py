"""POST /v1/predict: photos -> features -> probabilities -> brands.

However many the photos, the endpoint is asked once; one that is bad leaves the others alone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from endpoint import probabilities
from model_code.features import PhotoError, calibrate, is_confident, select
from observation import Observation
from photo_request import Source, photos_of
from problems import Problem, from_photo_error
from reply import Reply
from served_release import ServedRelease
from service import Service

Row = Sequence[float]  # the features of one photo
# What has to be left of Lambda's 25 s for one photo more: a large one, read and decoded, and one
# try of the endpoint.
ENOUGH_MS = 10_000


def predict(event: Mapping[str, Any], service: Service, seen: Observation) -> Reply:
    """Answer with a brand, or where several photos were sent, with one answer for each."""

    def read_upload(upload: str) -> bytes:
        with seen.timed("InboxMs"):
            return service.inbox.read_upload(upload)

    photos = photos_of(event, read_upload)
    if not photos.several:
        (answer,) = _answers([_features(photos.sources[0], service, seen)], service, seen)
        best = answer["probabilities"][0]
        seen.note(
            brand=answer["brand"], probability=round(best["probability"], 4),
            confident=answer["confident"],
        )  # fmt: skip
        return Reply(answer)
    return Reply({"answers": _several(photos.sources, service, seen)})


def _several(
    sources: Sequence[Source], service: Service, seen: Observation
) -> list[dict[str, Any]]:
    """Return, in order, an answer for each good photo and a problem document for each other."""
    rows = [_features_or_problem(source, service, seen) for source in sources]
    answers = iter(_answers([row for row in rows if not isinstance(row, Problem)], service, seen))
    refused = Counter(row.kind for row in rows if isinstance(row, Problem))
    seen.note(photos=len(rows), refused=refused)
    return [row.document() if isinstance(row, Problem) else next(answers) for row in rows]


def _features_or_problem(source: Source, service: Service, seen: Observation) -> Row | Problem:
    if service.remaining_ms() < ENOUGH_MS:
        return Problem(
            "too-slow", "The photos before it took the time. Send it alone, or fewer at once."
        )
    try:
        return _features(source, service, seen)
    except Problem as problem:
        return problem


def _features(source: Source, service: Service, seen: Observation) -> Row:
    photo = source()
    seen.add(photo_bytes=len(photo))
    with seen.timed("ExtractMs"):
        try:
            return select(service.extract(photo), service.release.selection)
        except PhotoError as error:
            raise from_photo_error(error) from error


def _answers(rows: Sequence[Row], service: Service, seen: Observation) -> list[dict[str, Any]]:
    if not rows:
        return []
    with seen.timed("EndpointMs"):
        scores = probabilities(service.runtime, service.endpoint_name, service.release, rows)
    answers = [_answer(row, raw, service.release) for row, raw in zip(rows, scores, strict=True)]
    for answer in answers:
        seen.count_answer(confident=answer["confident"])
    return answers


def _answer(features: Row, raw: Sequence[float], release: ServedRelease) -> dict[str, Any]:
    scores = calibrate(raw, release.confidence.temperature)
    ranking = sorted(zip(release.brands, scores, strict=True), key=lambda pair: -pair[1])
    best, _ = ranking[0]
    return {
        "brand": best,
        "name": release.names[best],
        "confident": is_confident(scores, features, release.confidence),
        "probabilities": [
            {"brand": brand, "name": release.names[brand], "probability": score}
            for brand, score in ranking
        ],
    }
