"""A bound on all of a call, whatever happens within it."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


def in_time(call: Callable[[], Result], seconds: float) -> Result:
    """Return what `call` returns, or raise what it raises.

    A timeout of urllib3 is for one read, and an answer may drip for ever.

    Raises
    ------
    TimeoutError
        It was not done after `seconds`. It then goes on unheard.
    """
    answer: Future[Result] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:
            answer.set_exception(error)

    # A daemon, so that one that still waits does not hold the command up at its end.
    Thread(target=run, daemon=True).start()
    return answer.result(seconds)
