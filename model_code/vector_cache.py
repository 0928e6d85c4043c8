"""Raw vectors that were computed before, by the content of their photos: one SQLite file."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from model_code.errors import UserError

CACHE = Path("build/vectors.sqlite")


class VectorCache:
    """Bytes by key; writing the same key again changes nothing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB)")

    def get(self, keys: list[str]) -> dict[str, bytes]:
        """Return what is there of `keys`."""
        query = "SELECT key, vector FROM vectors WHERE key = ?"
        rows = (self._connection.execute(query, (key,)).fetchone() for key in keys)
        return dict(row for row in rows if row)

    def put(self, vectors: Iterable[tuple[str, bytes]]) -> None:
        """Keep vectors, at once and for good."""
        with self._connection:
            self._connection.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", vectors)


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
        raise UserError(
            f"{path}: {error}. It only holds what can be computed again: delete it."
        ) from error
