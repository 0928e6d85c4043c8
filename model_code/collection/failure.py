"""Why one photo is not collected: for good, or this time."""


class UselessError(Exception):
    """No photo, now or later: the address is remembered and not asked again."""


class TemporaryError(Exception):
    """Not this time; the next run tries again."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after  # s, as the host asked


class RestError(TemporaryError):
    """The host asked for a longer rest than this run waits: no use to try again now."""
