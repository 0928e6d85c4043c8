"""A weights file of old PyTorch -> numpy arrays, without PyTorch and without trusting it.

The layout (PyTorch before 1.6): a pickled magic number, protocol and system description; a
pickled dictionary of tensors that name their storages; a pickled list of the storages' keys;
then for each its length (int64) and its numbers.
https://github.com/pytorch/pytorch/blob/v1.5.0/torch/serialization.py
"""

import io
import math
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from model_code.network import plain_pickle

MAGIC = 0x1950A86A20F9469CFC6C
DTYPES = {"torch FloatStorage": "<f4", "torch LongStorage": "<i8"}

Array = npt.NDArray[Any]


class WeightsError(ValueError):
    """The file is not what it is taken for, or asks for something other than arrays."""


class _Storage(NamedTuple):
    key: str
    dtype: str
    length: int


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]  # numbers from one element to the next, along each axis


def read_weights(path: Path) -> dict[str, Array]:
    """Return the tensors of a `.pth` file by name.

    Raises
    ------
    WeightsError
        It is no such file, is cut short, or names anything but tensors of float32 and int64.
    """
    try:
        # In memory, so that a length which is claimed takes no more than what is there.
        return _read(io.BytesIO(path.read_bytes()))
    except Exception as error:  # a pickle that is not one raises nearly anything
        raise WeightsError(f"{path} is not a PyTorch weights file: {error}") from error


def _read(file: IO[bytes]) -> dict[str, Array]:
    if _load(file) != MAGIC:
        raise WeightsError("it does not start like one.")
    for _ in ("protocol", "system"):
        _load(file)
    tensors, keys = _load(file), _load(file)
    if not all(isinstance(tensor, _Tensor) for tensor in tensors.values()):
        raise WeightsError("it holds something other than tensors.")
    storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    if any(storages[tensor.storage.key] != tensor.storage for tensor in tensors.values()):
        raise WeightsError("it describes a storage in two ways.")
    if not all(isinstance(key, str) for key in keys) or sorted(keys) != sorted(storages):
        raise WeightsError("its storages are not those of its tensors.")
    numbers = {key: _numbers(file, storages[key]) for key in keys}
    return {name: _array(tensor, numbers[tensor.storage.key]) for name, tensor in tensors.items()}


def _numbers(file: IO[bytes], storage: _Storage) -> Array:
    length = int.from_bytes(file.read(8), "little")
    dtype = np.dtype(storage.dtype)
    content = file.read(storage.length * dtype.itemsize)
    if length != storage.length or len(content) != length * dtype.itemsize:
        raise WeightsError("it is cut short. Install its package again.")
    return np.frombuffer(content, dtype)


def _array(tensor: _Tensor, numbers: Array) -> Array:
    last = sum((side - 1) * step for side, step in zip(tensor.shape, tensor.stride, strict=True))
    # A stride of 0 repeats numbers, without end: no tensor has more than its storage.
    if tensor.offset + last >= len(numbers) or math.prod(tensor.shape) > len(numbers):
        raise WeightsError("it holds a tensor that reaches out of its storage.")
    strides = [step * numbers.itemsize for step in tensor.stride]
    return np.lib.stride_tricks.as_strided(
        numbers[tensor.offset :], tensor.shape, strides, writeable=False
    )


def _load(file: IO[bytes]) -> Any:
    return plain_pickle.load(file, NAMES, _storage)


def _storage(identifier: Any) -> _Storage:
    kind, dtype, key, _location, length, *_view = identifier
    if kind != "storage" or dtype not in DTYPES.values() or not isinstance(key, str):
        raise WeightsError("it refers to something other than a storage of numbers.")
    return _Storage(key, dtype, _size(length))


def _tensor(storage: Any, offset: Any, shape: Any, stride: Any, *_: object) -> _Tensor:
    if not isinstance(storage, _Storage):
        raise WeightsError("it holds a tensor without a storage.")
    return _Tensor(storage, _size(offset), tuple(map(_size, shape)), tuple(map(_size, stride)))


def _size(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise WeightsError("it holds a tensor of an impossible size.")
    return value


NAMES = {
    **DTYPES,
    "collections OrderedDict": lambda: {},
    "torch._utils _rebuild_tensor_v2": _tensor,
}
