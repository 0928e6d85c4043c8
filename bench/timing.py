"""The median time of several sides, run in turn, so that a busy machine slows them alike."""

import statistics
import time
from collections.abc import Callable, Mapping


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def medians(sides: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Run each side once a round, and return the median seconds of each."""
    runs = [{name: seconds(side) for name, side in sides.items()} for _ in range(rounds)]
    return {name: statistics.median(run[name] for run in runs) for name in sides}
