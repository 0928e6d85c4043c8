"""Photos -> rows of features in S3, a thousand in a shard; a shard that is there stays."""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from model_code.batch.place import Place
from model_code.errors import RefusedPhotoError, UserError
from model_code.features import are_probabilities, csv_row
from model_code.photo_file import PhotoFile
from model_code.predict import GROUP, Prepared, Row

SHARD = 1000  # photos: some 10 MB of features, and all that is held at once
INPUT = "input/"


class Listed(NamedTuple):
    """A photo of a shard: the number of its row, or why it has none."""

    name: str
    number: int | None
    error: str | None


def shards(photos: Iterable[PhotoFile]) -> Iterator[tuple[int, list[PhotoFile]]]:
    """Yield the photos in shards, with the number of the first of each."""
    rest, start = iter(photos), 0
    while shard := list(islice(rest, SHARD)):
        yield start, shard
        start += len(shard)


def write_shard(
    place: Place, start: int, shard: Sequence[PhotoFile], prepared: Prepared
) -> Iterator[None]:
    """Write the rows of a shard and then what photo each is of; yield once for each photo.

    Each row begins with its number, which SageMaker keeps from the model and puts before the
    answer, so that no answer can go to another photo.
    """
    if place.get(_listing(start)) is not None:
        yield from (None for _ in shard)
        return
    listed: list[Listed] = []
    rows: list[str] = []
    for begin in range(0, len(shard), GROUP):
        group = shard[begin : begin + GROUP]
        for photo, found in zip(group, prepared.features(group), strict=True):
            number = start + len(listed)
            if isinstance(found, RefusedPhotoError):
                listed.append(Listed(photo.name, None, str(found)))
            else:
                listed.append(Listed(photo.name, number, None))
                rows.append(f"{number},{csv_row(found)}\n")
            yield
    if rows:
        place.put(INPUT + _file(start), "".join(rows).encode())
    # Last: a shard with its listing is whole.
    place.put(_listing(start), "".join(json.dumps(each) + "\n" for each in listed).encode())


def read_listing(place: Place, start: int) -> list[Listed]:
    """Return the photos of a shard that was written."""
    listing = _get(place, _listing(start))
    return [Listed(*json.loads(line)) for line in listing.splitlines()]


def read_features(place: Place, start: int, listed: Sequence[Listed]) -> list[Row]:
    """Return the features of those photos of a shard that have any."""
    return [array("f", row) for row in _numbered(place, INPUT + _file(start), listed)]


def read_scores(
    place: Place, folder: str, start: int, listed: Sequence[Listed], brands: int
) -> list[list[float]]:
    """Return what the model said of those photos.

    Raises
    ------
    UserError
        There is not one answer for each of them, in their order, that a model could give.
    """
    part = f"{folder}/{output_of(start)}"
    scores = _numbered(place, part, listed)
    if not all(are_probabilities(row, brands) for row in scores):
        raise UserError(f"{place.url(part)} has what is no probability for each brand.")
    return scores


def output_of(start: int) -> str:
    """Name what SageMaker makes of a shard."""
    return f"{_file(start)}.out"


def _numbered(place: Place, part: str, listed: Sequence[Listed]) -> list[list[float]]:
    """Return the rows of a file without their numbers, which are held to those of the photos."""
    lines = _get(place, part).decode().splitlines()
    wanted = [each.number for each in listed if each.number is not None]
    try:
        rows = [list(map(float, line.split(","))) for line in lines if line]
    except ValueError:
        rows = []
    if [row[0] for row in rows] != wanted:
        raise UserError(
            f"{place.url(part)} has not one row for each of {len(wanted)} photos in their order, "
            "so that none of it is used. Delete it and run again."
        )
    return [row[1:] for row in rows]


def _get(place: Place, part: str) -> bytes:
    content = place.get(part)
    if content is None:
        raise UserError(f"{place.url(part)} is gone. Run again to make it anew.")
    return content


def _file(start: int) -> str:
    return f"{start:09}.csv"


def _listing(start: int) -> str:
    return f"photos/{start:09}.jsonl"
