"""A progress bar with an ETA on a terminal, and quiet elsewhere."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress
from rich.progress import track as rich_track

Item = TypeVar("Item")


def track(items: Iterable[Item], description: str, total: int) -> Iterator[Item]:
    """Yield `items` while the bar moves; it is gone at the end."""
    console = Console(stderr=True)
    yield from rich_track(
        items,
        description,
        total=total,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextmanager
def countdown(description: str, seconds: float | None) -> Iterator[Callable[[str], None]]:
    """Show how much of `seconds` is over; what is yielded tells how far things are.

    None where nobody knows how long it takes.
    """
    console = Console(stderr=True)
    start = time.monotonic()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(description, total=seconds)

        def tell(state: str) -> None:
            progress.update(
                task, completed=time.monotonic() - start, description=f"{description}: {state}"
            )

        yield tell
