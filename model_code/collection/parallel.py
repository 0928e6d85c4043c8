"""A map over a lazy source in a few threads, results in the order that they come in."""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def parallel(
    function: Callable[[Item], Result], items: Iterator[Item], workers: int
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with `function(item)`; `items` is taken no further than workers ask.

    If `items` raises, what is under way is yielded first. If `function` raises, so does this.
    """
    todo: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[Item, Result | BaseException]] = queue.SimpleQueue()

    def work() -> None:
        while (item := todo.get()) is not None:
            try:
                done.put((item, function(item)))
            except BaseException as error:
                done.put((item, error))

    for _ in range(workers):  # daemons: Ctrl-C need not wait for the slowest host
        threading.Thread(target=work, daemon=True).start()
    try:
        yield from _feed(items, workers, todo, done)
    finally:
        for _ in range(workers):
            todo.put(None)


def _feed(
    items: Iterator[Item],
    workers: int,
    todo: "queue.SimpleQueue[Item | None]",
    done: "queue.SimpleQueue[tuple[Item, Result | BaseException]]",
) -> Iterator[tuple[Item, Result]]:
    under_way, failure, more = 0, None, True
    while more or under_way:
        while more and under_way < workers:
            try:
                todo.put(next(items))
                under_way += 1
            except StopIteration:
                more = False
            except Exception as error:
                failure, more = error, False
        if under_way:
            item, result = done.get()
            under_way -= 1
            if isinstance(result, BaseException):
                raise result
            yield item, result
    if failure:
        raise failure
