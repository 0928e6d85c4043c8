"""What is in a folder of collected photos, and where each photo is from.

The order of writing makes every moment one from which the next run goes on: the photo is written
beside its name, then its row is appended, then the photo gets its name.
"""

import os
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import urlsplit

from model_code.collection.source import Item
from model_code.collection.table import Table
from model_code.dataset import file_sha256
from model_code.errors import UserError

MANIFEST = "photos.csv"
COLUMNS = ("path", "source", "post", "time", "licence", "query", "url", "sha256")
SHA256 = "[0-9a-f]{64}"
UNFINISHED = ".part"
# Instagram's CDN signs its addresses anew each time and from any of its hosts: the file's name
# is what stays.
SIGNED_HOSTS = (".cdninstagram.com", ".fbcdn.net")


class Entry(NamedTuple):
    """A row: one photo."""

    path: str  # below the folder, <brand>/<name>
    source: str
    post: str
    time: str
    licence: str
    query: str
    url: str
    sha256: str

    @property
    def brand(self) -> str:
        """Return the folder that the photo lies in."""
        return self.path.split("/")[0]


def same_photo_key(url: str) -> str:
    """Return what two addresses of the same photo share."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return url
    if host.endswith(SIGNED_HOSTS):
        return f"instagram:{PurePosixPath(parts.path).name}"
    return url.partition("#")[0]


class Manifest:
    """The photos of a folder, by address and by content; the only one that writes there.

    Raises
    ------
    UserError
        The manifest is damaged, or another process is at work in the folder.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._table = Table(folder / MANIFEST, COLUMNS, SHA256)
        try:
            entries = [self._entry(row) for row in self._table.rows]
            self._finish(entries)
        except BaseException:
            self.close()
            raise
        self._table.rows.clear()
        self._urls: dict[tuple[str, str], Entry] = {}
        self._digests: dict[tuple[str, str], Entry] = {}
        self._by_key: dict[str, Entry] = {}
        self._counts: Counter[str] = Counter()
        for entry in entries:
            self._index(entry)

    def close(self) -> None:
        """Let another process work in the folder."""
        self._table.close()

    def knows(self, item: Item) -> bool:
        """Say whether the brand has this photo, or had it until somebody deleted it."""
        return (item.brand, same_photo_key(item.url)) in self._urls

    def elsewhere(self, item: Item) -> Path | None:
        """Return the file of this address under another brand, if it is there."""
        entry = self._by_key.get(same_photo_key(item.url))
        path = self.folder / entry.path if entry else None
        return path if path and path.is_file() else None

    def count(self, brand: str) -> int:
        """Return how many collected photos of the brand are there."""
        return self._counts[brand]

    def same_content(self, brand: str, sha256: str) -> Entry | None:
        """Return the photo of the brand that has this content."""
        return self._digests.get((brand, sha256))

    def add(self, item: Item, source: str, photo: bytes, sha256: str, extension: str) -> Entry:
        """Write a photo and its row; return the row."""
        path = f"{item.brand}/{sha256[:16]}.{extension}"
        entry = Entry(
            path, source, item.post, item.time, item.licence, item.query, item.url, sha256
        )
        unfinished = self._write(path, photo)
        self._table.append(entry)
        unfinished.replace(self.folder / path)
        self._index(entry)
        return entry

    def _write(self, path: str, photo: bytes) -> Path:
        target = self.folder / path
        if target.parent.is_symlink():
            raise UserError(f"{target.parent} is a link. Put a folder in its place.")
        target.parent.mkdir(exist_ok=True)
        unfinished = _unfinished(target)
        unfinished.unlink(missing_ok=True)
        try:
            with unfinished.open("xb") as file:
                file.write(photo)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        return unfinished

    def _entry(self, row: tuple[str, ...]) -> Entry:
        entry = Entry(*row)
        parts = PurePosixPath(entry.path).parts
        if len(parts) != 2 or any(part.startswith(("/", ".")) or "\\" in part for part in parts):
            raise UserError(
                f"{self.folder / MANIFEST} names {entry.path!r}, which is not <brand>/<photo>. "
                "Take that line out."
            )
        return entry

    def _finish(self, entries: list[Entry]) -> None:
        """Give photos that have a row their name, and remove those that a crash left without."""
        by_part = {_unfinished(self.folder / entry.path): entry for entry in entries}
        for part in self.folder.glob(f"[!.]*/.*{UNFINISHED}"):
            entry = by_part.get(part)
            if entry and not part.is_symlink() and file_sha256(part) == entry.sha256:
                part.replace(self.folder / entry.path)
            else:
                part.unlink()

    def _index(self, entry: Entry) -> None:
        key = same_photo_key(entry.url)
        self._urls[entry.brand, key] = entry
        self._digests[entry.brand, entry.sha256] = entry
        self._by_key.setdefault(key, entry)
        self._counts[entry.brand] += (self.folder / entry.path).is_file()


def _unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}{UNFINISHED}")
