"""Raw vectors that were computed before, by the content of their photos: one SQLite file."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from model_code.errors import UserError

CACHE = Path("build/vectors.sqlite")

DELETE = "It only holds what can be computed again: delete it."
MENDS = {
    sqlite3.SQLITE_BUSY: "Another run uses it: wait for that.",
    sqlite3.SQLITE_CANTOPEN: "Make it a file that can be read and written.",
    sqlite3.SQLITE_READONLY: "Make it a file that can be read and written.",
    sqlite3.SQLITE_FULL: "Make room on the disk.",
}


class VectorCache:
    """Vectors by key."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB)")

    def get(self, keys: list[str], size: int) -> dict[str, bytes]:
        """Return what is there of `keys`; what has not `size` bytes is damaged, and left out."""
        query = "SELECT key, vector FROM vectors WHERE key = ?"
        rows = (self._connection.execute(query, (key,)).fetchone() for key in keys)
        found = (row for row in rows if row)
        return {key: v for key, v in found if isinstance(v, bytes) and len(v) == size}

    def put(self, vectors: Iterable[tuple[str, bytes]]) -> None:
        """Keep vectors, at once and for good."""
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", vectors)


@contextmanager
def open_cache(path: Path = CACHE) -> Iterator[VectorCache]:
    """Open the cache, made where it is not there.

    Raises
    ------
    UserError
        The file is damaged, locked for a minute, or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(path, timeout=60)) as connection:
            yield VectorCache(connection)
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        raise UserError(f"{path}: {error}. {MENDS.get(code, DELETE)}") from error
