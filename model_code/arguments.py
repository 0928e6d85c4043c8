"""Types and defaults of command line arguments; quick to import, so that --help is."""

import argparse
from collections.abc import Callable
from contextlib import suppress

DEFAULT_RECIPE = "embedding"
SEEDS = (0, 2**32 - 1)  # what scikit-learn takes


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """Make the type of an argument that is a whole number in a range."""

    def convert(text: str) -> int:
        with suppress(ValueError):
            if lowest <= (number := int(text)) <= highest:
                return number
        raise argparse.ArgumentTypeError(f"{text} is no whole number from {lowest} to {highest}")

    return convert
