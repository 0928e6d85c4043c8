"""Folders of photos in `<folder>/<brand>/*`: listed and told by content, none of them judged."""

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from model_code.errors import UserError
from model_code.release import Brand

NAMES = "brands.json"
LAYOUT = "Lay the photos out as FOLDER/<brand>/<photo>, one folder a brand."


class Photo(NamedTuple):
    """One file, under the brand whose folder it lies in."""

    brand: str
    path: Path
    sha256: str


class Skipped(NamedTuple):
    """A file that training goes on without, and why."""

    path: Path
    reason: str


def file_sha256(path: Path) -> str:
    """Tell a photo by its content, whatever it is called."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Listing(NamedTuple):
    """What lies in a folder, before anything is left out for what it is."""

    brands: tuple[Brand, ...]
    photos: list[Photo]  # by brand and path, the same content maybe more than once
    skipped: tuple[Skipped, ...]


def list_photos(folder: Path) -> Listing:
    """List the photos below `folder`, without decoding them.

    Raises
    ------
    UserError
        Not a folder, or fewer than two brands.
    """
    folders = _brand_folders(folder)
    names = _display_names(folder, set(folders))
    read = [_read(brand, path) for brand, path in _entries(folders)]
    return Listing(
        tuple(Brand(id=brand, name=names.get(brand, brand)) for brand in folders),
        sorted(item for item in read if isinstance(item, Photo)),
        tuple(item for item in read if isinstance(item, Skipped)),
    )


def _brand_folders(folder: Path) -> dict[str, Path]:
    """Return the folders by brand, sorted; names in NFC, whatever the file system stores."""
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder. {LAYOUT}")
    folders: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not path.is_dir():
            continue
        brand = _brand_id(path)
        if brand in folders:
            raise UserError(f"{path} and {folders[brand]} are the same brand. Merge the folders.")
        folders[brand] = path
    if len(folders) < 2:
        raise UserError(f"{folder} has {len(folders)} brand folders, and two are needed. {LAYOUT}")
    return dict(sorted(folders.items()))


def _brand_id(path: Path) -> str:
    try:
        path.name.encode()
    except UnicodeEncodeError as error:
        raise UserError(f"The name of {path} is not text in UTF-8. Rename the folder.") from error
    return unicodedata.normalize("NFC", path.name)


def _display_names(folder: Path, brands: set[str]) -> dict[str, str]:
    path = folder / NAMES
    if not path.exists() and not path.is_symlink():  # a link to nowhere is a mistake
        return {}
    example = 'Write it as {"kyochon": "교촌"}, a name for a brand\'s folder.'
    try:
        names = json.loads(path.read_text(encoding="utf-8"))
        json.dumps(names, ensure_ascii=False).encode()  # half a character is JSON, but no text
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path} cannot be read as JSON ({error}). {example}") from error
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        raise UserError(f"{path} does not map brands to names. {example}")
    names = {unicodedata.normalize("NFC", brand): name for brand, name in names.items()}
    if unknown := sorted(set(names) - brands):
        raise UserError(f"{path} names {', '.join(unknown)}, which has no folder. {example}")
    return names


def _entries(folders: dict[str, Path]) -> Iterator[tuple[str, Path]]:
    for brand, directory in folders.items():
        for path in sorted(directory.iterdir()):
            if not path.name.startswith("."):
                yield brand, path


def _read(brand: str, path: Path) -> Photo | Skipped:
    try:
        if path.is_file():
            return Photo(brand, path, file_sha256(path))
    except OSError as error:
        return Skipped(path, f"cannot be read: {error.strerror}")
    return Skipped(path, "not a file; folders within a brand's folder are not searched")
