"""A map over a lazy source in a few threads, results in the order that they come in."""

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
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
    done: queue.SimpleQueue[tuple[Item, Future[Result]]] = queue.SimpleQueue()

    def work() -> None:
        while (item := todo.get()) is not None:
            result: Future[Result] = Future()
            try:
                result.set_result(function(item))
            except BaseException as error:
                result.set_exception(error)
            done.put((item, result))

    for _ in range(workers):  # daemons: Ctrl-C need not wait for the slowest host
        threading.Thread(target=work, daemon=True).start()
    try:
        for item, result in _feed(items, workers, todo, done):
            yield item, result.result()
    finally:
        for _ in range(workers):
            todo.put(None)


def _feed(
    items: Iterator[Item],
    workers: int,
    todo: "queue.SimpleQueue[Item | None]",
    done: "queue.SimpleQueue[tuple[Item, Future[Result]]]",
) -> Iterator[tuple[Item, Future[Result]]]:
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
            yield done.get()
            under_way -= 1
    if failure:
        raise failure
