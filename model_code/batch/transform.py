"""Features here, scores by SageMaker Batch Transform, the same rows as any other way to ask.

For more photos than one wants to ask an endpoint about. What was done stays in S3 for some days
under a digest of release and photos: a run that was stopped goes on, and a job that was started
is awaited.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from model_code.aws import client, stack_output
from model_code.batch import BATCH_PREFIX
from model_code.batch.answers import AnswerFile, Report, open_answers
from model_code.batch.deployed import Deployed, deployed_model
from model_code.batch.job import answered_job, output
from model_code.batch.place import Place
from model_code.batch.run import Listing, check_some
from model_code.batch.shards import (
    SHARD,
    output_of,
    read_features,
    read_listing,
    read_scores,
    shards,
    write_shard,
)
from model_code.errors import RefusedPhotoError, UserError
from model_code.predict import Prepared, Row
from model_code.progress import track


def transform(photos: Listing, release: Path, stack: str, into: Path) -> Report:
    """Answer the photos that `into` has no row of, and return what is in it then.

    Raises
    ------
    UserError
        The stack serves another release, the job failed, or its answers are not those of these
        photos.
    """
    check_some(photos)
    prepared = Prepared(release)
    model = deployed_model(stack_output(stack, "EndpointName"), client("sagemaker"))
    if model.release != prepared.release.id:
        raise UserError(
            f"{stack} serves release {model.release}, and {release} is {prepared.release.id}. "
            "Name the folder of the one that serves with --release; `fetch` gets it."
        )
    with open_answers(into, prepared.served()) as answers:
        if not all(answers.has(photo.name) for photo in photos()):
            _answer(photos, model, prepared, answers)
        return answers.report


def _answer(photos: Listing, model: Deployed, prepared: Prepared, answers: AnswerFile) -> None:
    digest, total = _digest(photos, model)
    place = Place(model.bucket, f"{BATCH_PREFIX}/{digest}", client("s3"))
    for _ in track(_write(photos, place, prepared), "Making features", total):
        pass
    starts = range(0, total, SHARD)
    asked = (start for start in starts if any(p.error is None for p in read_listing(place, start)))
    if (first := next(asked, None)) is None:
        folder = ""  # nobody was asked anything
    else:
        rows = len(prepared.release.selection)
        folder = output(answered_job(model, place, rows, output_of(first), client("sagemaker")))
    for start in track(starts, "Reading answers", len(starts)):
        _take(answers, place, folder, start, prepared)


def _digest(photos: Listing, model: Deployed) -> tuple[str, int]:
    """Tell photos and model by what a listing shows of them; count the photos."""
    digest, total = hashlib.sha256(json.dumps([*model, SHARD]).encode()), 0
    for photo in photos():
        digest.update(json.dumps([photo.name, photo.size, photo.mark]).encode())
        total += 1
    return digest.hexdigest()[:16], total


def _write(photos: Listing, place: Place, prepared: Prepared) -> Iterator[None]:
    for start, shard in shards(photos()):
        yield from write_shard(place, start, shard, prepared)


def _take(answers: AnswerFile, place: Place, folder: str, start: int, prepared: Prepared) -> None:
    """Write the answers of a shard, after all of it was held to its photos."""
    listed = read_listing(place, start)
    rows: Iterator[tuple[Row, list[float]]] = iter(())
    if any(photo.error is None for photo in listed):
        brands = len(prepared.release.brands)
        scores = read_scores(place, folder, start, listed, brands)
        rows = iter(zip(read_features(place, start, listed), scores, strict=True))
    for photo in listed:
        if photo.error is None:
            answers.add(photo.name, prepared.prediction(*next(rows)))
        else:
            answers.add(photo.name, RefusedPhotoError(photo.error))
