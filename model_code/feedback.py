"""Feedback -> a folder that `train` takes: `<into>/<brand>/<feedback>.jpg`, and whence each came.

Nothing in the folder is deleted. What a person moved elsewhere in it, as to `.left-out/`, stays
there, so that somebody can look the photos through before they are trained on.
"""

import csv
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from model_code.errors import UserError
from model_code.feedback_record import (
    MANIFEST,
    Fault,
    Record,
    list_records,
    read_object,
)
from model_code.progress import track
from model_code.whole_file import whole_file

NONE = ".none"  # of the brands; hidden, so that `train` does not take it for one
REPLACED = ".replaced"  # an earlier photo of an answer that got another one
MOST_BYTES = 100_000_000  # a photo


class Entry(NamedTuple):
    """A row of the manifest: the last word on one answer."""

    request_id: str
    feedback: str
    release: str
    brand: str  # empty: none of the brands
    time: str  # ISO 8601
    photo: str  # its path in the folder; empty where none was kept

    @property
    def ours(self) -> str | None:
        """Return where this tool put the photo; None where a person put it elsewhere since."""
        folder = Path(self.photo).parent.name
        return self.photo if folder == (self.brand or NONE) else None


class Pulled(NamedTuple):
    """What the folder has now."""

    entries: list[Entry]
    faults: list[Fault]


def pull(bucket: str, s3: Any, into: Path) -> Pulled:
    """Lay out the feedback of a bucket; again, and only what is new is fetched.

    The last word on an answer counts. A photo that was kept with an earlier one moves to the
    brand of the last, unless a person put it where it is. Feedback of another bucket that is in
    the folder stays.

    Raises
    ------
    UserError
        AWS refused, or the folder's manifest is damaged.
    """
    entries = {entry.request_id: entry for entry in _read_manifest(into / MANIFEST)}
    histories, faults = list_records(bucket, s3)
    into.mkdir(parents=True, exist_ok=True)
    layout = _Layout(bucket, s3, into)
    try:
        for request, history in track(histories.items(), "Pulling feedback", len(histories)):
            photo = layout.place(history, entries.get(request))
            path = photo.relative_to(into).as_posix() if photo else ""
            entries[request] = _entry(history[-1], path)
    finally:  # a run that is stopped says too what it put where
        ordered = sorted(entries.values(), key=lambda entry: (entry.time, entry.request_id))
        _write_manifest(into / MANIFEST, ordered)
    return Pulled(ordered, faults + layout.faults)


def _entry(record: Record, photo: str) -> Entry:
    time = record.time.isoformat()
    return Entry(
        record.request_id, record.feedback, record.release, record.brand or "", time, photo
    )


class _Layout:
    """The folder, and which photo is where in it."""

    def __init__(self, bucket: str, s3: Any, into: Path) -> None:
        self._bucket, self._s3, self._into = bucket, s3, into
        self._places = {path.stem: path for path in sorted(into.glob("*/*.jpg"))}
        self.faults: list[Fault] = []

    def place(self, history: list[Record], before: Entry | None) -> Path | None:
        """Bring the photo of an answer to where it belongs; return where it is.

        `before` is what an earlier run said of it. None where no photo was kept, or it cannot be
        had.
        """
        kept = [record for record in history if record.photo]
        if not kept:
            return None
        source, ours = kept[-1], before and before.ours
        for record in kept[:-1]:
            self._move(record, ours, self._into / REPLACED)
        self._move(source, ours, self._folder(history[-1]))
        return self._places.get(source.feedback) or self._fetch(source, history[-1])

    def _folder(self, record: Record) -> Path:
        return self._into / (record.brand or NONE)

    def _move(self, record: Record, ours: str | None, to: Path) -> None:
        """Move a photo that is where this tool put it; none is lost to another of its name."""
        path = self._places.get(record.feedback)
        if not path or path.relative_to(self._into).as_posix() != ours or path.parent == to:
            return
        if (to / path.name).exists():
            reason = f"stays in {path.parent}, as {to} has a file of its name. Move it by hand"
            self.faults.append(Fault(str(record.photo), reason))
            return
        to.mkdir(exist_ok=True)
        self._places[record.feedback] = path.rename(to / path.name)

    def _fetch(self, source: Record, last: Record) -> Path | None:
        content = read_object(self._bucket, str(source.photo), self._s3, MOST_BYTES)
        if isinstance(content, Fault):
            self.faults.append(content)
            return None
        path = self._folder(last) / f"{source.feedback}.jpg"
        path.parent.mkdir(exist_ok=True)
        with whole_file(path) as unfinished:
            unfinished.write_bytes(content)
        return path


def _read_manifest(path: Path) -> list[Entry]:
    if not path.exists():
        return []
    with suppress(csv.Error, ValueError, TypeError):
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        if head == list(Entry._fields):
            return [Entry(*row) for row in rows]
    raise UserError(
        f"{path} is not what `feedback` wrote. Move it away; it is made anew of the bucket."
    )


def _write_manifest(path: Path, entries: Iterable[Entry]) -> None:
    with whole_file(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([Entry._fields, *entries])
