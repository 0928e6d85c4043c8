"""Weights files: the arrays that they describe, and nothing that a hostile one would have done."""

import os
import pickle
import struct
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from model_code.network.torch_file import MAGIC, WeightsError, read_weights
from tests.unit.weights_files import NUMBERS, integer, tensor, text, weights_file

DEEP = b"N" + b"\x85" * 150_000  # a tuple in a tuple in a tuple ...
WIDE = b")" + b"q\x01h\x01\x86" * 60  # each twice in the next: whoever looks at all never ends


Read = Callable[[bytes], dict[str, npt.NDArray[Any]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: bytes) -> dict[str, npt.NDArray[Any]]:
        (tmp_path / "weights.pth").write_bytes(content)
        return read_weights(tmp_path / "weights.pth")

    return read


def test_tensors_are_what_their_offsets_and_strides_say(read: Read) -> None:
    tensors = {
        "rows": tensor(),
        "columns": tensor((3, 2), (1, 3)),
        "end": tensor((2,), (1,), offset=4),
        "none": tensor((0, 3), (3, 1)),
        "count": tensor((), (), 1, 2, dtype=b"ctorch\nLongStorage\n", key=text("9")),
    }
    rows, counts = NUMBERS.reshape(2, 3), np.array([7, -(2**40)], "<i8")
    weights = read(weights_file(tensors, {"9": counts, "0": NUMBERS}))
    assert list(weights) == list(tensors)
    for name, array in {
        "rows": rows,
        "columns": rows.T,
        "end": rows[1, 1:],
        "none": rows[:0],
    }.items():
        np.testing.assert_array_equal(weights[name], array, strict=True)
    assert (weights["count"].item(), weights["count"].dtype.name) == (-(2**40), "int64")


class Call:
    """Pickles as the call of a function."""

    def __init__(self, function: Callable[..., object], argument: str) -> None:
        self.call = (function, (argument,))

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("place", ["first", "tensors", "keys"])
@pytest.mark.parametrize("function", [os.system, eval])
def test_what_a_file_asks_for_is_not_run(
    read: Read, tmp_path: Path, function: Callable[..., object], place: str, protocol: int
) -> None:
    marker = tmp_path / "marker"
    shell, python = f"touch '{marker}'", f"open({str(marker)!r}, 'w').close()"
    call = pickle.dumps(Call(function, shell if function is os.system else python), protocol)
    files = {
        "first": call,
        "tensors": weights_file(call),
        "keys": weights_file({"a": tensor()}, keys=call),
    }
    with pytest.raises(WeightsError):
        read(files[place])
    assert not marker.exists()
    pickle.loads(call)  # noqa: S301  (it would have done it)
    assert marker.exists()


def test_what_a_file_asks_for_is_told(read: Read) -> None:
    with pytest.raises(WeightsError, match=r"asks for 'builtins eval'.*Do not use it"):
        read(weights_file(pickle.dumps(Call(eval, "1"), 3)))


@pytest.mark.parametrize(
    "content",
    {
        "nothing": b"",
        "a text": b"Not found",
        "a zip, as PyTorch writes since 1.6": b"PK\x03\x04" + bytes(100),
        "another magic number": pickle.dumps(MAGIC + 1, 2) + weights_file({"a": tensor()})[15:],
        "an array of numpy": weights_file(pickle.dumps(NUMBERS, 2)),
        "a list of tensors": weights_file(b"](" + tensor() + b"e."),
        "a number as tensor": weights_file({"a": integer(1)}),
        "a call of a text": weights_file(text("print") + b")R."),
        "a name that is no text": weights_file(b"}" + integer(1) + tensor() + b"s."),
        "an item of a tensor": weights_file(tensor() + text("a") + integer(1) + b"s."),
        "an item too few": weights_file(b"}(" + text("a") + b"u."),
        "a place never written": weights_file(b"h\x07."),
        "a tensor without storage": weights_file({"a": tensor(storage=b"N")}),
        "no storage": weights_file({"a": tensor(kind=text("module"))}),
        "a storage of objects": weights_file({"a": tensor(dtype=text("O"))}),
        "a storage of float64": weights_file({"a": tensor(dtype=text("<f8"))}),
        "a key that is no text": weights_file({"a": tensor(key=integer(0))}),
        "a storage that is not there": weights_file({"a": tensor(key=text("1"))}),
        "a storage more": weights_file({"a": tensor()}, {"0": NUMBERS, "1": NUMBERS}),
        "two lengths of a storage": weights_file({"a": tensor(), "b": tensor(length=5)}),
        "a length that disagrees": weights_file({"a": tensor()}, length=5),
        "a longer storage than the file": weights_file({"a": tensor(length=7)}, length=7),
        "a negative length": weights_file({"a": tensor(length=-1)}, length=-1),
        "a shape beyond the storage": weights_file({"a": tensor((3, 3))}),
        "a stride beyond the storage": weights_file({"a": tensor(stride=(4, 1))}),
        "an offset beyond the storage": weights_file({"a": tensor(offset=1)}),
        "a negative offset": weights_file({"a": tensor(offset=-1)}),
        "a negative stride": weights_file({"a": tensor(stride=(-3, 1), offset=3)}),
        "a negative shape": weights_file({"a": tensor((-1, 3))}),
        "strides for other axes": weights_file({"a": tensor(stride=(1,))}),
        "more axes than numpy has": weights_file({"a": tensor([1] * 99, [1] * 99)}),
    }.items(),
    ids=lambda item: item[0],
)
def test_what_is_no_file_of_arrays_is_a_clear_error(read: Read, content: tuple[str, bytes]) -> None:
    with pytest.raises(WeightsError, match=r"weights\.pth is not a PyTorch weights file: "):
        read(content[1])


def test_a_missing_file_is_the_same_error(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"gone\.pth"):
        read_weights(tmp_path / "gone.pth")


@pytest.mark.parametrize(
    "content",
    {
        "a length": weights_file({"a": tensor(length=2**40)}, length=2**40),
        "a repeated number": weights_file({"a": tensor((2**20, 2**20), (0, 0))}),
        "a far place": weights_file(b"Nr\xff\xff\xff\x7f."),
        "many bytes": weights_file(b"\x8e" + struct.pack("<Q", 2**40)),
        "an array of bytes": weights_file(b"\x96" + struct.pack("<Q", 2**40)),
        "a long text": weights_file(b"\x8d" + struct.pack("<Q", 2**40)),
        "a deep name": weights_file(b"}" + DEEP + b"Ns."),
        "a deep list of storages": weights_file({"a": tensor()}, keys=b"](" + DEEP + b"e."),
        "a deep key": weights_file({"a": tensor(key=DEEP)}),
        "a deep shape": weights_file(tensor(storage=b"N" + DEEP)),
        "a wide name": weights_file(b"}" + WIDE + b"Ns."),
        "a wide list of storages": weights_file({"a": tensor()}, keys=b"](" + WIDE + WIDE + b"e."),
        "a wide key": weights_file({"a": tensor(key=WIDE)}),
        "a wide kind": weights_file({"a": tensor(kind=WIDE)}),
        "a wide type": weights_file({"a": tensor(dtype=WIDE)}),
    }.items(),
    ids=lambda item: item[0],
)
def test_a_claim_takes_no_more_memory_than_the_file(read: Read, content: tuple[str, bytes]) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(WeightsError):
            read(content[1])
        assert tracemalloc.get_traced_memory()[1] < 1_000_000 + 200 * len(content[1])
    finally:
        tracemalloc.stop()


def test_a_file_cut_short_anywhere_is_a_clear_error(read: Read) -> None:
    content = weights_file({"a": tensor(), "b": tensor((1,), (1,))})
    for length in range(len(content)):
        with pytest.raises(WeightsError):
            read(content[:length])


def test_any_changed_bytes_give_arrays_or_a_clear_error(read: Read) -> None:
    rng = np.random.default_rng(5)
    content = weights_file({"a": tensor(), "b": tensor((1,), (1,))})
    for _ in range(2000):
        changed = bytearray(content)
        for place in rng.integers(0, len(changed), 2):
            changed[place] = rng.integers(256)
        with suppress(WeightsError):
            assert all(array.size <= 6 for array in read(bytes(changed)).values())
