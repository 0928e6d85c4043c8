"""The file of answers: a row a photo, whole after each row, and never two rows of one photo."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from model_code.batch.rows import FORMATS, Row, row_of
from model_code.errors import RefusedPhotoError, UserError
from model_code.predict import Outcome, Served


class Report:
    """How many photos a file of answers has, and how many of them were refused."""

    def __init__(self) -> None:
        self.photos = self.refused = self.before = 0

    def count(self, row: Row) -> None:
        """Count one more row."""
        self.photos += 1
        self.refused += bool(row.error)

    def text(self, path: Path) -> str:
        """Say it in a line."""
        before = f", of them {self.before:,} from an earlier run" if self.before else ""
        refused = f"; {self.refused:,} of them have an error" if self.refused else ""
        return f"{self.photos:,} photos in {path}{before}{refused}"


class AnswerFile:
    """One open file of answers."""

    def __init__(self, path: Path, served: Served) -> None:
        self._path, self._served = path, served
        self._format = FORMATS[path.suffix.lower()](list(served.names))
        # Which photos have a row: in a temporary file, since there can be any number of them.
        self._index = sqlite3.connect("")
        self._index.execute("CREATE TABLE done (name BLOB PRIMARY KEY) WITHOUT ROWID")
        self.report = Report()
        self._file = path.open("ab")
        try:
            self._go_on()
        except BaseException:
            self.close()
            raise

    def _go_on(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UserError(f"Another run writes {self._path}. Wait for it, or end it.") from error
        end = self._read()
        self._file.truncate(end)
        if not end:
            self._write(self._format.head())
        self.report.before = self.report.photos

    def close(self) -> None:
        """Close it; what was written is there already."""
        self._file.close()
        self._index.close()

    def has(self, name: str) -> bool:
        """Tell whether a photo has its row."""
        query = "SELECT 1 FROM done WHERE name = ?"
        return self._index.execute(query, (_bytes(name),)).fetchone() is not None

    def add(self, name: str, outcome: Outcome) -> None:
        """Write the row of a photo, unless it has one.

        Raises
        ------
        UserError
            Another release answered than the one that the file was begun with.
        """
        if not isinstance(outcome, RefusedPhotoError):
            self._check_served(outcome.release)
        if not self.has(name):
            row = row_of(name, outcome, self._served)
            self._write(self._format.line(row))
            self._note(row)

    def _write(self, line: bytes) -> None:
        self._file.write(line)
        self._file.flush()

    def _note(self, row: Row) -> None:
        self._index.execute("INSERT OR IGNORE INTO done VALUES (?)", (_bytes(row.path),))
        self.report.count(row)

    def _read(self) -> int:
        """Read what an earlier run wrote; return where its last whole row ends, in bytes."""
        end = 0
        with self._path.open("rb") as file:
            try:
                for row, end in self._format.read(file):  # noqa: B007 - `end` is used below
                    if row:
                        self._check_begun(row.release)
                        self._note(row)
            except ValueError as error:
                raise UserError(
                    f"{self._path} is not a file of answers by these brands ({error}). Nothing "
                    "was written. Give another --output."
                ) from error
        return end

    def _check_begun(self, release: str) -> None:
        if release != self._served.release:
            raise UserError(
                f"{self._path} was begun with release {release}, and {self._served.release} "
                "answers now. Nothing was written. Give another --output."
            )

    def _check_served(self, release: str) -> None:
        if release != self._served.release:
            raise UserError(
                f"Release {release} answered, and {self._path} is of {self._served.release}. "
                "What is there stays as it is. Give another --output."
            )


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


@contextmanager
def open_answers(path: Path, served: Served) -> Iterator[AnswerFile]:
    """Open a file of answers, made where there is none."""
    if path.suffix.lower() not in FORMATS:
        raise UserError(f"{path} is neither .csv nor .jsonl. Name the file so.")
    path.parent.mkdir(parents=True, exist_ok=True)
    file = AnswerFile(path, served)
    try:
        yield file
    finally:
        file.close()
