"""A CSV file that only ever grows, by whole rows, whatever happens to the process."""

import csv
import fcntl
import io
import os
import re
from collections.abc import Sequence
from pathlib import Path

from model_code.errors import UserError

Row = tuple[str, ...]


class Table:
    """The rows of one file, held open and locked.

    A row is appended by one write and is on the disk when `append` returns. A row that a crash
    cut short is dropped when the file is opened again: what it told of is done again.

    Parameters
    ----------
    last_cell
        What the last cell of a whole row looks like. It tells a row that was cut short from one
        whose line end an editor took away.

    Raises
    ------
    UserError
        It is no such table, or another process has it open.
    """

    def __init__(self, path: Path, columns: Sequence[str], last_cell: str) -> None:
        self.path = path
        self._columns = tuple(columns)
        self._last_cell = re.compile(last_cell)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = os.open(path, flags, 0o666)
        try:
            self._lock()
            self._mend_end()
            self.rows = self._read()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let others have it."""
        os.close(self._file)

    def append(self, row: Sequence[str]) -> None:
        """Write a row to the disk, whole or, with an OSError, not at all."""
        line = _line(row)
        size = os.fstat(self._file).st_size
        try:
            if os.write(self._file, line) != len(line):
                raise OSError(28, "No space left on device", str(self.path))
            os.fsync(self._file)
        except BaseException:
            os.ftruncate(self._file, size)
            raise

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UserError(
                f"Another collect is at work in {self.path.parent}. Wait for it, or stop it."
            ) from error

    def _mend_end(self) -> None:
        content = self.path.read_bytes()
        if not content:
            self.append(self._columns)
        elif not content.endswith(b"\n"):
            whole, last = content[: content.rfind(b"\n") + 1], content[content.rfind(b"\n") + 1 :]
            cells = next(csv.reader([last.decode("utf-8-sig", errors="replace")]), [])
            if len(cells) == len(self._columns) and self._last_cell.fullmatch(cells[-1]):
                os.write(self._file, b"\n")
            elif whole or _line(self._columns).startswith(last):
                os.ftruncate(self._file, len(whole))
                if not whole:
                    self.append(self._columns)

    def _read(self) -> list[Row]:
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.reader(file, strict=True)
                if tuple(next(reader, ())) != self._columns:
                    raise self._damaged(1, f"it does not start with {','.join(self._columns)}")
                return [self._checked(row, reader.line_num) for row in reader if row]
        except (csv.Error, UnicodeDecodeError) as error:
            raise self._damaged(0, str(error)) from error

    def _checked(self, row: list[str], line: int) -> Row:
        if len(row) != len(self._columns) or not self._last_cell.fullmatch(row[-1]):
            raise self._damaged(line, "it is not a row of this table")
        return tuple(row)

    def _damaged(self, line: int, why: str) -> UserError:
        where = f", line {line}" if line else ""
        return UserError(
            f"{self.path}{where}: {why}. Mend that line, or move the file away: photos that are "
            "there already stay, but are then fetched once more."
        )


def _line(row: Sequence[str]) -> bytes:
    """Return one line: what is not seen, as an end of line, is a space in it."""
    text = io.StringIO()
    cells = (" ".join(cell.replace("\0", " ").split()) for cell in row)
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode(errors="backslashreplace")
