"""What a source of photos yields, and the checks that all of them share."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from model_code.errors import UserError

MAX_BRAND = 100  # bytes in UTF-8; a file system takes 255 for a name
MAX_URL = 4096  # characters; Instagram's have some 400


@dataclass(frozen=True)
class Item:
    """One photo that a source knows of, not yet fetched."""

    url: str
    brand: str
    post: str = ""  # address of the post that it was in
    time: str = ""  # when that was posted, ISO 8601 in UTC
    licence: str = ""
    query: str = ""  # what found it: a hashtag, a file
    file: Path | None = None  # where it lies, if it need not be fetched


class Source(Protocol):
    """Where photos come from."""

    name: str

    @property
    def brands(self) -> Sequence[str]:
        """Return the brands that it has photos of, in the order to collect them."""

    def items(self, brand: str) -> Iterator[Item]:
        """Yield the photos of a brand, lazily: what is not taken costs nothing.

        Raises
        ------
        UserError
            The source cannot be read, or asks to come back later.
        """


def checked_brand(brand: str) -> str:
    """Return the brand as the name of its folder, in NFC.

    Raises
    ------
    UserError
        It cannot be the name of a folder, or would lie in another one.
    """
    name = unicodedata.normalize("NFC", brand.strip())
    faults = {
        "is empty": not name,
        "starts with a dot": name.startswith("."),
        "has a slash": bool(set(name) & set("/\\")),
        "has what is no letter and cannot be seen": not name.isprintable(),
        f"is longer than {MAX_BRAND} bytes": len(name.encode(errors="replace")) > MAX_BRAND,
    }
    if fault := next((fault for fault, found in faults.items() if found), None):
        raise UserError(f"The brand {brand!r} {fault}. It is the name of a folder: kyochon, 교촌.")
    return name


def utc(time: Any) -> str:
    """Return ISO 8601 text or seconds since 1970 as ISO 8601 in UTC; '' if it is no time."""
    try:
        if isinstance(time, str):
            moment = datetime.fromisoformat(time)
        else:
            moment = datetime.fromtimestamp(float(time), UTC)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    except (TypeError, ValueError, OverflowError, OSError):
        return ""


def web_address(value: Any) -> str:
    """Return an http(s) address of a sane length as it is, and '' for anything else."""
    fits = isinstance(value, str) and len(value) <= MAX_URL
    return value if fits and value.lower().startswith(("http://", "https://")) else ""
