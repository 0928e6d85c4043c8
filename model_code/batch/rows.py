"""One photo's answer as a line of CSV or JSON, and lines read back, the last one half written."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple

from model_code.errors import RefusedPhotoError
from model_code.predict import Outcome, Served

# A path need not be text; its bytes are kept.
CODEC = {"encoding": "utf-8", "errors": "surrogateescape"}
BEGIN = b'{"path": "'  # of each row in JSON


class Row(NamedTuple):
    """What is told of a photo."""

    path: str
    brand: str | None  # None, as all but the last two, where there is an error
    name: str | None
    confident: bool | None
    probability: float | None
    probabilities: dict[str, float] | None  # in class order
    release: str
    error: str | None


def row_of(path: str, outcome: Outcome, served: Served) -> Row:
    """Lay out what was answered about a photo, or why nothing was."""
    if isinstance(outcome, RefusedPhotoError):
        return Row(path, None, None, None, None, None, served.release, str(outcome))
    brand, probability = outcome.ranking[0]
    scores = {each: outcome.probabilities[each] for each in served.names}
    sure = outcome.confident
    return Row(path, brand, served.names[brand], sure, probability, scores, served.release, None)


# A row and where it ends, in bytes. None for a line that is no photo's, as a table's head.
Rows = Iterator[tuple[Row | None, int]]


class JsonLines:
    """An object a line."""

    def __init__(self, brands: list[str]) -> None:
        self._brands = brands

    def head(self) -> bytes:
        """Begin a file."""
        return b""

    def line(self, row: Row) -> bytes:
        """Write a row."""
        return (json.dumps(row._asdict(), ensure_ascii=False) + "\n").encode(**CODEC)

    def read(self, file: BinaryIO) -> Rows:
        """Yield the rows of a file.

        Raises
        ------
        ValueError
            It holds what is no row.
        """
        end = 0
        for line in file:
            if not line.endswith(b"\n"):
                self._check_half(line, is_first=not end)
                return
            end += len(line)
            yield self._row(line), end

    def _check_half(self, line: bytes, is_first: bool) -> None:
        """Refuse a line without an end that is not ours, since it is going to be dropped."""
        is_short = not is_first and BEGIN.startswith(line)  # after rows of ours
        if not is_short and not line.startswith(BEGIN):
            raise ValueError("its last line is no row")
        try:
            self._row(line)
        except ValueError as error:
            if not isinstance(error.__cause__, json.JSONDecodeError):  # it is a whole object
                raise

    def _row(self, line: bytes) -> Row:
        try:
            row = Row(**json.loads(line.decode(**CODEC)))
            brands = list(row.probabilities or self._brands)
        except (ValueError, TypeError, RecursionError) as error:
            raise ValueError("a line is no row") from error
        if not isinstance(row.path, str):
            raise ValueError("a row has no path")
        if brands != self._brands:
            raise ValueError("a row has other brands")
        return row


class Csv:
    """A table with a head, one column for the probability of each brand."""

    def __init__(self, brands: list[str]) -> None:
        self._brands = brands
        fields = [field for field in Row._fields if field != "probabilities"]
        self._columns = [*fields[:5], *(f"probability {brand}" for brand in brands), *fields[5:]]

    def head(self) -> bytes:
        """Begin a file."""
        return _csv_line(self._columns)

    def line(self, row: Row) -> bytes:
        """Write a row."""
        scores = row.probabilities or {}
        cells = [row.path, row.brand, row.name, row.confident, row.probability]
        cells += [scores.get(brand) for brand in self._brands]
        return _csv_line([*cells, row.release, row.error])

    def read(self, file: BinaryIO) -> Rows:
        """Yield the rows of a file; a quoted cell may go on over several lines.

        Raises
        ------
        ValueError
            It holds what is no row, or is about other brands.
        """
        lines = _Lines(file)
        rows = csv.reader(lines, strict=True)
        try:
            for number, cells in enumerate(rows):
                if number == 0 and cells != self._columns:
                    raise ValueError("it has other columns")
                if len(cells) != len(self._columns):
                    raise ValueError(f"line {rows.line_num} is no row")
                yield self._row(cells) if number else None, lines.end
        except csv.Error as error:
            if not lines.is_over:  # a quote that the file ends in was half written
                raise ValueError(f"line {rows.line_num}: {error}") from error
        if not lines.end and not self.head().startswith(lines.rest):
            raise ValueError("its only line is no table's head")

    def _row(self, cells: list[str]) -> Row:
        """Return what is needed of a row that was written before: whose it is."""
        path, release, error = cells[0], cells[-2], cells[-1]
        return Row(path, None, None, None, None, None, release, error or None)


class _Lines:
    """The whole lines of a file, and how far they have been read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.end = 0  # bytes
        self.rest = b""  # what follows the last whole line
        self.is_over = False

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            if not line.endswith(b"\n"):
                self.rest = line
                break
            self.end += len(line)
            yield line.decode(**CODEC)
        self.is_over = True


def _csv_line(cells: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode(**CODEC)


FORMATS: dict[str, Callable[[list[str]], "Csv | JsonLines"]] = {".csv": Csv, ".jsonl": JsonLines}
