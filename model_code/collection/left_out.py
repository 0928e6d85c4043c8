"""The addresses that gave no photo and never will, so that no run asks for them again."""

from pathlib import Path

from model_code.collection.table import Table

LEFT_OUT = "left-out.csv"
COLUMNS = ("url", "brand", "reason")


class LeftOut:
    """Addresses by brand, with the reason. Taking a line out makes the next run try again."""

    def __init__(self, folder: Path) -> None:
        self._table = Table(folder / LEFT_OUT, COLUMNS, ".*")
        self._known = {(brand, url) for url, brand, _ in self._table.rows}

    def close(self) -> None:
        """Let others have the file."""
        self._table.close()

    def knows(self, brand: str, url: str) -> bool:
        """Say whether this address was left out before."""
        return (brand, url) in self._known

    def add(self, brand: str, url: str, reason: str) -> None:
        """Remember an address."""
        if not self.knows(brand, url):
            self._table.append((url, brand, reason))
            self._known.add((brand, url))
