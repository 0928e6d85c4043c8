"""Noise, distances and blending: the few tools that the drawings are made with."""

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
SIZE = 400  # px a side while drawing; the photo is scaled up from it
_NOISE_SIZE = 512


@cache
def noise(smoothness: float) -> Array:
    """Make a noise that repeats seamlessly: (512, 512), mean 0, spread 1.

    Its spectrum falls with frequency to the power of `smoothness`: 0 is sand, 2 is clouds.
    """
    rng = np.random.default_rng(2019)
    spectrum = np.fft.rfft2(rng.standard_normal((_NOISE_SIZE, _NOISE_SIZE)))
    fy = np.fft.fftfreq(_NOISE_SIZE)[:, None]
    fx = np.fft.rfftfreq(_NOISE_SIZE)[None, :]
    spectrum *= np.maximum(np.hypot(fy, fx), 1 / _NOISE_SIZE) ** -smoothness
    field = np.fft.irfft2(spectrum)
    normal: Array = ((field - field.mean()) / field.std()).astype(np.float32)
    return normal


def noise_patch(
    rng: np.random.Generator, smoothness: float, shape: tuple[int, int], zoom: float = 1
) -> Array:
    """Cut a patch of `shape` out of the noise at a random place, its grains `zoom` times as big."""
    rows = (rng.integers(_NOISE_SIZE) + np.arange(shape[0]) / zoom).astype(int) % _NOISE_SIZE
    columns = (rng.integers(_NOISE_SIZE) + np.arange(shape[1]) / zoom).astype(int) % _NOISE_SIZE
    patch: Array = noise(smoothness)[np.ix_(rows, columns)]
    return patch


def grid(shape: tuple[int, int]) -> tuple[Array, Array]:
    """Return the x and y of each pixel."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return x, y


def capsule(
    x: Array, y: Array, start: tuple[float, float], end: tuple[float, float],
    radius: tuple[float, float],
) -> Array:  # fmt: skip
    """Signed distance (px, negative inside) to a capsule whose radius goes from one to another."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = ((x - start[0]) * dx + (y - start[1]) * dy) / max(dx * dx + dy * dy, 1e-6)
    along = np.clip(along, 0, 1)
    distance = np.hypot(x - start[0] - along * dx, y - start[1] - along * dy)
    found: Array = distance - (radius[0] + along * (radius[1] - radius[0]))
    return found


def cover(distance: Array, soft: float = 1.2) -> Array:
    """Turn a signed distance into an opacity, 0 outside and 1 inside."""
    found: Array = np.clip(0.5 - distance / (2 * soft), 0, 1)
    return found


def blend(canvas: Array, color: Array | tuple[float, ...], opacity: Array) -> None:
    """Paint `color` over `canvas` in place."""
    canvas += (np.asarray(color, dtype=np.float32) - canvas) * opacity[..., None]


def cast_shadow(canvas: Array, distance: Array, offset: int, reach: float, depth: float) -> None:
    """Darken `canvas` around and below a shape, in place."""
    moved = np.roll(distance, (offset, offset // 2), axis=(0, 1))
    shade = depth * np.exp(-np.maximum(moved, 0) / reach)
    canvas *= (1 - shade)[..., None]
