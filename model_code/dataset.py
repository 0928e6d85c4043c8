"""Photos in `<folder>/<brand>/*`: listed, told apart by content, counted, split."""

import hashlib
import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from model_code.errors import UserError
from model_code.photo_file import FORMULA
from model_code.release import Brand

NAMES = "brands.json"
MIN_PHOTOS = 8  # a brand: six to learn from, two to be tested on
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


@dataclass(frozen=True)
class Dataset:
    """The photos of all brands, in an order that depends on their content alone."""

    brands: tuple[Brand, ...]  # by identifier: the class order
    photos: tuple[Photo, ...]  # by class, then by digest
    skipped: tuple[Skipped, ...]
    sha256: str  # of brands and photos as they were found, whatever the files are called

    @property
    def labels(self) -> list[int]:
        """The class of each photo."""
        classes = {brand.id: index for index, brand in enumerate(self.brands)}
        return [classes[photo.brand] for photo in self.photos]

    def without(self, faults: Iterable[Skipped]) -> "Dataset":
        """Leave out the photos that turned out unusable, and check what is left."""
        faults = tuple(faults)
        paths = {fault.path for fault in faults}
        kept = tuple(photo for photo in self.photos if photo.path not in paths)
        _check_counts(self.brands, kept, (*self.skipped, *faults))
        return replace(self, photos=kept, skipped=(*self.skipped, *faults))


def file_sha256(path: Path) -> str:
    """Tell a photo by its content, whatever it is called."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def scan(*folders: Path) -> Dataset:
    """List the photos below some folders, without decoding them.

    A brand's photos are those below its name in any of the folders. A file whose content is
    there twice is used once; under two brands it is used for neither, since nobody knows which
    is right. The notebook of 2019 had one photo in both its sets.

    Raises
    ------
    UserError
        Not a folder, fewer than two brands, or a brand with too few photos.
    """
    places = _brand_folders(folders)
    names = _display_names(folders, set(places))
    read = [_read(brand, path) for brand, path in _entries(places)]
    found = sorted(item for item in read if isinstance(item, Photo))
    skipped = dict(item for item in read if isinstance(item, Skipped))
    skipped |= dict(_duplicates(found))
    brands = tuple(Brand(id=brand, name=names.get(brand, brand)) for brand in places)
    # The files of a brand are sorted by path so far, so that of two copies the same one stays.
    photos = [photo for photo in found if photo.path not in skipped]
    photos.sort(key=lambda photo: (photo.brand, photo.sha256))
    faults = tuple(Skipped(path, reason) for path, reason in skipped.items())
    _check_counts(brands, photos, faults)
    return Dataset(brands, tuple(photos), faults, _digest(brands, photos))


def _digest(brands: Iterable[Brand], photos: Iterable[Photo]) -> str:
    lines = [f"{brand.id}\t{brand.name}" for brand in brands]
    lines += [f"{photo.brand}\t{photo.sha256}" for photo in photos]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


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


def _duplicates(photos: list[Photo]) -> Iterator[Skipped]:
    copies = defaultdict(list)
    for photo in photos:
        copies[photo.sha256].append(photo)
    for first, *others in copies.values():
        if {photo.brand for photo in others} - {first.brand}:
            for photo in (first, *others):
                yield Skipped(photo.path, "the same file lies under two brands")
        else:
            for photo in others:
                yield Skipped(photo.path, f"the same file as {first.path.name}")


def _check_counts(
    brands: Iterable[Brand], photos: Iterable[Photo], skipped: Iterable[Skipped]
) -> None:
    counts = Counter(photo.brand for photo in photos)
    short = [
        f"{brand.id} ({counts[brand.id]})" for brand in brands if counts[brand.id] < MIN_PHOTOS
    ]
    if short:
        deeper = Counter(path.parent for path, _ in skipped if path.is_dir())
        levels = [str(folder) for folder, count in deeper.items() if count > 1]
        hint = f" Or are the brands' folders in {' or '.join(levels)}?" if levels else ""
        reasons = "".join(f"\n  left out: {path}: {reason}" for path, reason in skipped)
        raise UserError(
            f"A brand needs {MIN_PHOTOS} usable photos; too few: {', '.join(short)}. Add photos, "
            f"or take the folder away.{hint}{reasons}"
        )
