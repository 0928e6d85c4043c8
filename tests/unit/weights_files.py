"""Files as PyTorch before 1.6 wrote them, and such as it never would."""

import pickle
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from model_code.network.torch_file import MAGIC

NUMBERS = np.arange(6, dtype="<f4")


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def integer(value: int) -> bytes:
    return b"\x8a\x09" + value.to_bytes(9, "little", signed=True)


def integers(values: Sequence[int]) -> bytes:
    return b"(" + b"".join(map(integer, values)) + b"t"


def tensor(
    shape: Sequence[int] = (2, 3), stride: Sequence[int] = (3, 1), offset: int = 0, length: int = 6,
    kind: bytes = text("storage"), dtype: bytes = b"ctorch\nFloatStorage\n",
    key: bytes = text("0"), storage: bytes | None = None,
) -> bytes:  # fmt: skip
    """Return the pickle's operations for one tensor, as PyTorch wrote them."""
    view = b"(" + kind + dtype + key + text("cpu") + integer(length) + b"NtQ"
    arguments = (storage or view) + integer(offset) + integers(shape) + integers(stride)
    hooks = b"\x89ccollections\nOrderedDict\n)R"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + arguments + hooks + b"tR"


def weights_file(
    tensors: Mapping[str, bytes] | bytes,
    storages: Mapping[str, npt.NDArray[Any]] | None = None,
    keys: bytes | None = None,
    length: int | None = None,
) -> bytes:
    """Lay a file out as PyTorch before 1.6 did; `keys` and `length` are other than they should."""
    if not isinstance(tensors, bytes):
        items = b"".join(text(name) + content for name, content in tensors.items())
        tensors = b"ccollections\nOrderedDict\n)R(" + items + b"u}" + text("_metadata") + b"}sb."
    storages = storages or {"0": NUMBERS}
    start = (pickle.dumps(value, 2) for value in (MAGIC, 1001, {"little_endian": True}))
    content = b"".join(start) + b"\x80\x02" + tensors + (keys or pickle.dumps(list(storages), 2))
    for numbers in storages.values():
        content += struct.pack("<q", len(numbers) if length is None else length)
        content += numbers.tobytes()
    return content
