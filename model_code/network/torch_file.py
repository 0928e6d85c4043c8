"""A weights file of old PyTorch -> numpy arrays, without PyTorch and without trusting it.

The layout (PyTorch before 1.6): a pickled magic number, protocol and system description; a
pickled dictionary of tensors that name their storages; a pickled list of the storages' keys;
then for each its length (int64) and its numbers.
https://github.com/pytorch/pytorch/blob/v1.5.0/torch/serialization.py
"""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

MAGIC = 0x1950A86A20F9469CFC6C
DTYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}

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
        with path.open("rb") as file:
            return _read(file)
    except WeightsError:
        raise
    except Exception as error:  # a pickle that is not one raises nearly anything
        raise WeightsError(f"{path} is not a PyTorch weights file: {error}") from error


def _read(file: IO[bytes]) -> dict[str, Array]:
    if _Unpickler(file).load() != MAGIC:
        raise WeightsError(f"{file.name} does not start like a PyTorch weights file.")
    for _ in ("protocol", "system"):
        _Unpickler(file).load()
    tensors: dict[str, _Tensor] = _Unpickler(file).load()
    storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    numbers = {key: _numbers(file, storages[key]) for key in _Unpickler(file).load()}
    return {name: _array(tensor, numbers[tensor.storage.key]) for name, tensor in tensors.items()}


def _numbers(file: IO[bytes], storage: _Storage) -> Array:
    length = int.from_bytes(file.read(8), "little")
    dtype = np.dtype(storage.dtype)
    content = file.read(storage.length * dtype.itemsize)
    if length != storage.length or len(content) != length * dtype.itemsize:
        raise WeightsError(f"{file.name} is cut short. Install its package again.")
    return np.frombuffer(content, dtype)


def _array(tensor: _Tensor, numbers: Array) -> Array:
    last = sum((side - 1) * step for side, step in zip(tensor.shape, tensor.stride, strict=True))
    if min((tensor.offset, *tensor.shape, *tensor.stride)) < 0 or tensor.offset + last >= len(
        numbers
    ):
        raise WeightsError("the file holds a tensor that reaches out of its storage.")
    strides = [step * numbers.itemsize for step in tensor.stride]
    return np.lib.stride_tricks.as_strided(
        numbers[tensor.offset :], tensor.shape, strides, writeable=False
    )


class _Unpickler(pickle.Unpickler):
    """Builds dictionaries, lists, numbers, texts and descriptions of tensors; nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in DTYPES:
            return DTYPES[name]
        raise WeightsError(f"the file asks for {module}.{name}, which is no array. Do not use it.")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _location, length, *_view = pid
        if kind != "storage":
            raise WeightsError(f"the file refers to a {kind}, which is no array.")
        return _Storage(str(key), str(dtype), int(length))


def _tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> _Tensor:
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, stride)))
