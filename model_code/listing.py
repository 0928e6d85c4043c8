"""Folders of photos in `<folder>/<brand>/*`: listed and told by content, none of them judged."""

import hashlib
import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from model_code.errors import UserError
from model_code.photo_file import FORMULA
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
    """What lies in folders, before anything is left out for what it is."""

    brands: tuple[Brand, ...]
    photos: list[Photo]  # by brand and path, the same content maybe more than once
    skipped: tuple[Skipped, ...]


def list_photos(*folders: Path) -> Listing:
    """List the photos below some folders, without decoding them.

    A brand's photos are those below its name in any of the folders.

    Raises
    ------
    UserError
        Not a folder, or fewer than two brands.
    """
    places = _brand_folders(folders)
    names = _display_names(folders, set(places))
    read = [_read(brand, path) for brand, path in _entries(places)]
    return Listing(
        tuple(Brand(id=brand, name=names.get(brand, brand)) for brand in places),
        sorted(item for item in read if isinstance(item, Photo)),
        tuple(item for item in read if isinstance(item, Skipped)),
    )


def _brand_folders(folders: Sequence[Path]) -> dict[str, list[Path]]:
    """Return where the photos of each brand are, sorted by brand."""
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for folder in dict.fromkeys(folders):
        for brand, path in _brands_in(folder).items():
            found[brand].append(path)
    if len(found) < 2:
        where = " and ".join(map(str, folders))
        have = f"{where} has" if len(folders) == 1 else f"{where} have"
        raise UserError(f"{have} {len(found)} brand folders, and two are needed. {LAYOUT}")
    return dict(sorted(found.items()))


def _brands_in(folder: Path) -> dict[str, Path]:
    """Return a folder's brands; names in NFC, whatever the file system stores."""
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder. {LAYOUT}")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not path.is_dir():
            continue
        brand = _brand_id(path)
        if brand in found:
            raise UserError(f"{path} and {found[brand]} are the same brand. Merge the folders.")
        found[brand] = path
    return found


def _brand_id(path: Path) -> str:
    try:
        path.name.encode()
    except UnicodeEncodeError as error:
        raise UserError(f"The name of {path} is not text in UTF-8. Rename the folder.") from error
    return unicodedata.normalize("NFC", path.name)


def _display_names(folders: Sequence[Path], brands: set[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for path in (folder / NAMES for folder in folders):
        for brand, name in _names_in(path, brands).items():
            if names.setdefault(brand, name) != name:
                raise UserError(
                    f"{path} calls {brand} {name}, and another folder's {names[brand]}. Give it "
                    "one name."
                )
    return names


def _names_in(path: Path, brands: set[str]) -> dict[str, str]:
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
    if formulas := [name for name in names.values() if name.startswith(FORMULA)]:
        raise UserError(
            f"{path} has the name {formulas[0]!r}, which a spreadsheet would run as a formula. "
            f"Begin it with a letter. {example}"
        )
    names = {unicodedata.normalize("NFC", brand): name for brand, name in names.items()}
    if unknown := sorted(set(names) - brands):
        raise UserError(f"{path} names {', '.join(unknown)}, which has no folder. {example}")
    return names


def _entries(places: dict[str, list[Path]]) -> Iterator[tuple[str, Path]]:
    for brand, directories in places.items():
        for directory in directories:
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
