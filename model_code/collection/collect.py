"""A source -> photos in a folder, brand by brand, each with its provenance."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from model_code.collection.client import Client
from model_code.collection.download import MAX_PHOTO, download
from model_code.collection.failure import TemporaryError, UselessError
from model_code.collection.left_out import LeftOut
from model_code.collection.manifest import Manifest, same_photo_key
from model_code.collection.parallel import parallel
from model_code.collection.source import Item, Source
from model_code.errors import UserError
from model_code.features.photo import PhotoError, open_photo
from model_code.progress import track

WORKERS = 4
SECONDS_A_PHOTO = 30.0
MAX_SECONDS = 6 * 3600.0  # of a run
MAX_BYTES = 20_000_000_000  # of a run
ON_TRIAL = ("empty", "damaged")  # faults of a photo that a broken connection makes too

Fetched = bytes | UselessError | TemporaryError


@dataclass
class Summary:
    """What a run did for one brand."""

    brand: str
    new: int = 0
    left_out: Counter[str] = field(default_factory=Counter)  # by reason
    failed: Counter[str] = field(default_factory=Counter)  # by reason; the next run tries again


def collect(
    source: Source,
    into: Path,
    limit: int,
    client: Client,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Summary]:
    """Fetch what `into` does not have yet, until each brand has `limit` photos.

    Stopped at any moment and started again, it goes on where it was.

    Yields
    ------
    Summary
        Of each brand, when it is done.

    Raises
    ------
    UserError
        The source or the folder cannot be used, or the run's bounds are reached. What was
        fetched up to then is there.
    """
    with ExitStack() as stack:
        manifest = stack.enter_context(closing(Manifest(into)))
        left_out = stack.enter_context(closing(LeftOut(into)))
        collection = _Collection(source, manifest, left_out, client, limit)
        end = clock() + MAX_SECONDS
        for brand in source.brands:
            summary = Summary(brand)
            try:
                collection.collect_brand(summary, lambda: clock() > end)
            except UserError:
                yield summary
                raise
            yield summary


class _Collection:
    """One run over one source."""

    def __init__(
        self, source: Source, manifest: Manifest, left_out: LeftOut, client: Client, limit: int
    ) -> None:
        self._source = source
        self._manifest = manifest
        self._left_out = left_out
        self._client = client
        self._limit = limit
        self._bytes = 0

    def collect_brand(self, summary: Summary, is_late: Callable[[], bool]) -> None:
        brand = summary.brand
        room = self._limit - self._manifest.count(brand)
        if room > 0:
            for item, fetched in track(self._fetched(brand), brand, room):
                self._keep(item, fetched, summary)
                self._check_bounds(is_late)

    def _fetched(self, brand: str) -> Iterator[tuple[Item, Fetched]]:
        """Yield what is new, no more than there is room for: what is useless makes room again."""
        items = self._new_items(brand)
        while (room := self._limit - self._manifest.count(brand)) > 0:
            empty = True
            for item, fetched in parallel(self._fetch, islice(items, room), WORKERS):
                empty = False
                yield item, fetched
            if empty:
                return

    def _new_items(self, brand: str) -> Iterator[Item]:
        """Yield what the brand neither has nor is known to be useless, each photo once."""
        seen: set[str] = set()
        for item in self._source.items(brand):
            key = same_photo_key(item.url)
            known = key in seen or self._manifest.knows(item)
            seen.add(key)
            if not known and not self._left_out.knows(brand, item.url):
                yield item

    def _fetch(self, item: Item) -> Fetched:
        try:
            file = item.file or self._manifest.elsewhere(item)
            return _read(file) if file else download(self._client, item.url)
        except (UselessError, TemporaryError) as failure:
            return failure

    def _keep(self, item: Item, fetched: Fetched, summary: Summary) -> None:
        """Add the photo to the folder, or tell why not."""
        try:
            if isinstance(fetched, Exception):
                raise fetched
            self._bytes += len(fetched)
            self._add(item, fetched)
            summary.new += 1
        except UselessError as reason:
            summary.left_out[str(reason)] += 1
            if not item.file:  # which costs nothing to look at again
                self._left_out.add(item.brand, item.url, str(reason))
        except TemporaryError as reason:
            summary.failed[str(reason)] += 1

    def _add(self, item: Item, photo: bytes) -> None:
        extension = _extension(photo)
        sha256 = hashlib.sha256(photo).hexdigest()
        if self._manifest.same_content(item.brand, sha256):
            raise UselessError("the brand has the same file from another address")
        self._manifest.add(item, self._source.name, photo, sha256, extension)

    def _check_bounds(self, is_late: Callable[[], bool]) -> None:
        for reached, bound in (
            (is_late(), f"{MAX_SECONDS / 3600:.0f} hours"),
            (self._bytes > MAX_BYTES, f"{MAX_BYTES // 1_000_000_000} GB"),
        ):
            if reached:
                raise UserError(
                    f"Stopped after {bound}, the bound of one run. What was fetched is kept; the "
                    "same command goes on from there."
                )


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            photo = opened.read(MAX_PHOTO + 1)
    except OSError as error:
        raise TemporaryError(f"cannot be read: {error.strerror}") from error
    if len(photo) > MAX_PHOTO:
        raise UselessError(f"longer than {MAX_PHOTO // 1_000_000} MB")
    return photo


def _extension(photo: bytes) -> str:
    """Return the extension of what the bytes are, whatever they are called.

    The guard of the photos that are uploaded decides, with a full decoding.
    """
    try:
        open_photo(photo)
    except PhotoError as error:
        reason = str(error).split(". ")[0].rstrip(".")
        kind = TemporaryError if error.fault in ON_TRIAL else UselessError
        raise kind(reason[0].lower() + reason[1:]) from error
    return {b"\xff": "jpg", b"\x89": "png"}.get(photo[:1], "webp")
