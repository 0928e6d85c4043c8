"""Pickles of plain data -> that data, without Python's unpickler.

A pickle is a program. Python's own unpickler can be kept from calling what it names, but not
from taking 32 GB for a file of nine bytes or from overflowing the stack; so the two dozen
operations that describe data are carried out here, and nothing else is. `pickletools` only
reads them: https://docs.python.org/3/library/pickletools.html
"""

import pickletools
from collections.abc import Callable, Mapping
from typing import IO, Any


class PickleError(ValueError):
    """The pickle does more than describe plain data, or does it wrongly."""


def load(file: IO[bytes], names: Mapping[str, Any], refer: Callable[[Any], Any]) -> Any:
    """Return what the next pickle in `file` describes.

    Parameters
    ----------
    names
        What the pickle may name, as "module name", and what stands in for it.
    refer
        Turns a persistent identifier into what stands in for it.

    Raises
    ------
    Exception
        Nearly any, where the pickle is none.
    """
    program = _Program(names, refer)
    for operation, argument, _ in pickletools.genops(file):
        if operation.name not in STEPS:
            raise PickleError(f"the file holds {operation.name}, which describes no plain data.")
        STEPS[operation.name](program, argument)
    return program.stack.pop()


class _Program:
    def __init__(self, names: Mapping[str, Any], refer: Callable[[Any], Any]) -> None:
        self.names, self.refer = names, refer
        self.stack: list[Any] = []
        self.outer: list[list[Any]] = []  # what the stack was at each mark that is still open
        self.memo: dict[int, Any] = {}

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def mark(self) -> None:
        self.outer.append(self.stack)
        self.stack = []

    def since_mark(self) -> list[Any]:
        values, self.stack = self.stack, self.outer.pop()
        return values

    def last(self, count: int) -> list[Any]:
        return [self.stack.pop() for _ in range(count)][::-1]

    def remember(self, place: int) -> None:
        self.memo[place] = self.stack[-1]

    def name(self, name: str) -> None:
        if name not in self.names:
            raise PickleError(f"the file asks for {name!r}, which is no array. Do not use it.")
        self.push(self.names[name])

    def call(self) -> None:
        function, arguments = self.last(2)
        self.push(function(*arguments))

    def set_items(self, items: list[Any]) -> None:
        for key, value in zip(items[::2], items[1::2], strict=True):
            # A tuple in tuples as a key would overflow the stack where it is hashed.
            if not isinstance(key, str) or not isinstance(self.stack[-1], dict):
                raise PickleError("the file holds a dictionary whose keys are no texts.")
            self.stack[-1][key] = value

    def append(self, items: list[Any]) -> None:
        if not isinstance(self.stack[-1], list):
            raise PickleError("the file appends to what is no list.")
        self.stack[-1].extend(items)


STEPS: Mapping[str, Callable[[_Program, Any], object]] = {
    "PROTO": lambda _program, _argument: None,
    "STOP": lambda _program, _argument: None,
    **dict.fromkeys(("BINUNICODE", "BININT", "BININT1", "BININT2", "LONG1", "NONE"), _Program.push),
    "NEWTRUE": lambda program, _: program.push(True),
    "NEWFALSE": lambda program, _: program.push(False),
    "EMPTY_DICT": lambda program, _: program.push({}),
    "EMPTY_LIST": lambda program, _: program.push([]),
    "EMPTY_TUPLE": lambda program, _: program.push(()),
    "TUPLE1": lambda program, _: program.push(tuple(program.last(1))),
    "TUPLE2": lambda program, _: program.push(tuple(program.last(2))),
    "TUPLE3": lambda program, _: program.push(tuple(program.last(3))),
    "MARK": lambda program, _: program.mark(),
    "TUPLE": lambda program, _: program.push(tuple(program.since_mark())),
    "SETITEM": lambda program, _: program.set_items(program.last(2)),
    "SETITEMS": lambda program, _: program.set_items(program.since_mark()),
    "APPEND": lambda program, _: program.append(program.last(1)),
    "APPENDS": lambda program, _: program.append(program.since_mark()),
    "BINPUT": _Program.remember,
    "LONG_BINPUT": _Program.remember,
    "BINGET": lambda program, place: program.push(program.memo[place]),
    "LONG_BINGET": lambda program, place: program.push(program.memo[place]),
    "GLOBAL": _Program.name,
    "REDUCE": lambda program, _: program.call(),
    "BUILD": lambda program, _: program.stack.pop(),  # attributes: data does without
    "BINPERSID": lambda program, _: program.push(program.refer(program.stack.pop())),
}
