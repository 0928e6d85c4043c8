"""A CSV file of brand and URL, and of post, time and licence where they are known."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from model_code.collection.source import Item, checked_brand, utc, web_address
from model_code.errors import UserError

COLUMNS = ("brand", "url", "post", "time", "licence")
MAX_FAULTS = 5  # shown at once


class UrlList:
    """The rows of one file. It is read whole before anything is fetched, and refused as a whole.

    Raises
    ------
    UserError
        It cannot be read, or names the lines that are not a brand and a URL.
    """

    name = "urls"

    def __init__(self, path: Path) -> None:
        self._items: dict[str, list[Item]] = {}
        faults = []
        for line, row in _rows(path):
            try:
                item = _item(row, path.name)
                self._items.setdefault(item.brand, []).append(item)
            except UserError as error:
                faults.append(f"\n  line {line}: {error}")
        if faults:
            more = f"\n  and {len(faults) - MAX_FAULTS} more" if len(faults) > MAX_FAULTS else ""
            raise UserError(f"{path} has lines to mend:{''.join(faults[:MAX_FAULTS])}{more}")
        if not self._items:
            raise UserError(f"{path} is empty. Write a line for each photo: brand,URL.")

    @property
    def brands(self) -> Sequence[str]:
        """Return the brands that it names."""
        return list(self._items)

    def items(self, brand: str) -> Iterator[Item]:
        """Yield the photos of a brand, as the file has them."""
        return iter(self._items[brand])


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            names = list(COLUMNS)
            for row in reader:
                if reader.line_num == 1 and (header := _header(row)):
                    names = header
                elif any(cell.strip() for cell in row):
                    yield reader.line_num, dict(zip(names, map(str.strip, row), strict=False))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not CSV in UTF-8: {error}. Save it as that.") from error


def _header(row: list[str]) -> list[str] | None:
    names = [cell.strip().lower() for cell in row]
    return names if {"brand", "url"} <= set(names) else None


def _item(row: dict[str, str], query: str) -> Item:
    url = web_address(row.get("url"))
    if not url:
        raise UserError(f"{row.get('url', '')[:80]!r} is not an address of http:// or https://.")
    return Item(
        url=url,
        brand=checked_brand(row.get("brand", "")),
        post=web_address(row.get("post")),
        time=utc(row.get("time")),
        licence=row.get("licence", ""),
        query=query,
    )
