"""Photos in `<folder>/<brand>/*`: told apart by content, as a person decided, and counted."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from model_code.decisions import FILE, Decisions, check_brands, stored_decisions
from model_code.errors import UserError
from model_code.listing import NAMES, Photo, Skipped, file_sha256, list_photos
from model_code.posts import Post, posts
from model_code.release import Brand

__all__ = ["MIN_PHOTOS", "NAMES", "Dataset", "Photo", "Skipped", "file_sha256", "ignored", "scan"]

MIN_PHOTOS = 8  # a brand: six to learn from, two to be tested on


@dataclass(frozen=True)
class Dataset:
    """The photos of all brands, in an order that depends on their content alone."""

    brands: tuple[Brand, ...]  # by identifier: the class order
    photos: tuple[Photo, ...]  # by class, then by digest
    skipped: tuple[Skipped, ...]
    sha256: str  # of brands and photos as they were found, whatever the files are called
    posts: Mapping[str, Post] = field(default_factory=dict)  # by digest, of several photos each
    notes: tuple[str, ...] = ()  # decisions that are not followed, and why

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


def scan(*folders: Path) -> Dataset:
    """List the photos that training learns from: those of `list_photos`, as it was decided.

    A file whose content is there twice is used once; under two brands it is used for neither,
    since nobody knows which is right, unless a person decided. The notebook of 2019 had one
    photo in both its sets. A decision of one folder is about the content, wherever it lies.

    Raises
    ------
    UserError
        Not a folder, fewer than two brands, or a brand with too few photos; or the decisions
        about the photos, or the manifest of their posts, cannot be read.
    """
    listing = list_photos(*folders)
    brands = listing.brands
    decisions = {folder: stored_decisions(folder) for folder in dict.fromkeys(folders)}
    for folder, decided in decisions.items():
        check_brands(decided, {brand.id for brand in brands}, folder / FILE)
    found, dropped = _decide(listing.photos, decisions.values())
    skipped = dict((*listing.skipped, *dropped, *_duplicates(found)))
    # The files of a brand are sorted by path so far, so that of two copies the same one stays.
    photos = [photo for photo in found if photo.path not in skipped]
    photos.sort(key=lambda photo: (photo.brand, photo.sha256))
    faults = tuple(Skipped(path, reason) for path, reason in skipped.items())
    _check_counts(brands, photos, faults)
    shared = _shared(dict(chain(*(posts(folder).items() for folder in decisions))), photos)
    notes = tuple(chain(*(ignored(f, listing.photos, d) for f, d in decisions.items())))
    sha256 = _digest(brands, photos, shared)
    return Dataset(brands, tuple(photos), faults, sha256, shared, notes)


def _decide(
    photos: list[Photo], decisions: Iterable[Decisions]
) -> tuple[list[Photo], list[Skipped]]:
    """Leave out what a person dropped, and count what was moved for its new brand."""
    decided = dict(chain(*(each.by_digest().items() for each in decisions)))
    kept, dropped = [], []
    for photo in photos:
        decision = decided.get(photo.sha256)
        if decision and decision.decision == "drop":
            why = f": {decision.reason}" if decision.reason else ""
            dropped.append(Skipped(photo.path, f"dropped in {FILE}{why}"))
        else:
            kept.append(photo._replace(brand=(decision and decision.brand) or photo.brand))
    return sorted(kept), dropped


def ignored(folder: Path, photos: Iterable[Photo], decisions: Decisions) -> Iterator[str]:
    """Tell of each decision whose photo is not there any more as it was decided about."""
    known = {photo.sha256 for photo in photos}
    for decision in decisions.decisions:
        if decision.sha256 not in known:
            there = bool(decision.photo) and (folder / decision.photo).is_file()
            what = "its content changed" if there else "it is gone"
            name = decision.photo or decision.sha256
            yield f"the decision to {decision.decision} {name} is ignored: {what}"


def _shared(by_digest: Mapping[str, Post], photos: list[Photo]) -> dict[str, Post]:
    """Keep the posts that have several of the photos."""
    of_photos = {p.sha256: by_digest[p.sha256] for p in photos if p.sha256 in by_digest}
    counts = Counter(of_photos.values())
    return {sha256: post for sha256, post in of_photos.items() if counts[post] > 1}


def _digest(brands: Iterable[Brand], photos: Iterable[Photo], shared: Mapping[str, Post]) -> str:
    lines = [f"{brand.id}\t{brand.name}" for brand in brands]
    lines += [f"{photo.brand}\t{photo.sha256}" for photo in photos]
    lines += ["\t".join((sha256, *post)) for sha256, post in sorted(shared.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


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
