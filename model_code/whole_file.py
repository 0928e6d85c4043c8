"""Files that are there whole or not at all, also where a run is killed while it writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a hidden path beside `path` to write to; it takes the place of `path` at the end."""
    unfinished = path.with_name(f".{path.name}.part")
    yield unfinished
    unfinished.replace(path)
