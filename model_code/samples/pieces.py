"""One piece of fried chicken: a noisy outline, a bumpy height, light on it."""

from typing import NamedTuple

import numpy as np

from model_code.samples.canvas import (
    Array,
    blend,
    capsule,
    cast_shadow,
    cover,
    grid,
    noise_patch,
)
from model_code.samples.styles import Color


class Coat(NamedTuple):
    """How the pieces of one photo look."""

    glaze: Color
    crumb: Color
    roughness: float
    gloss: float
    light: tuple[float, float, float]  # direction towards the lamp, length 1


def draw_piece(
    canvas: Array, rng: np.random.Generator, kind: str, center: tuple[float, float], size: float,
    coat: Coat,
) -> None:  # fmt: skip
    """Draw a piece of about `size` px around `center` (x, y) onto `canvas`, in place."""
    half = int(size * 0.95) + 8
    left, top = int(center[0]) - half, int(center[1]) - half
    x0, y0 = max(left, 0), max(top, 0)
    patch = canvas[y0 : top + 2 * half, x0 : left + 2 * half]
    if min(patch.shape[:2]) < 4:
        return
    x, y = grid(patch.shape[:2])
    x, y = x + x0 - center[0], y + y0 - center[1]
    angle = rng.uniform(0, 2 * np.pi)
    u, v = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    shape = x.shape
    if kind == "drumstick":
        _bone(patch, u, v, size)
    distance = OUTLINES[kind](u, v, size, rng)
    distance = distance + size * (
        0.045 * noise_patch(rng, 1.8, shape)
        + 0.022 * coat.roughness * noise_patch(rng, 1.0, shape, 2)
    )
    cast_shadow(patch, distance, offset=max(2, int(size * 0.08)), reach=size * 0.08, depth=0.5)
    blend(patch, _shade(distance, size, rng, coat), cover(distance))


def _drumstick(u: Array, v: Array, size: float, _: np.random.Generator) -> Array:
    return capsule(u, v, (-0.28 * size, 0), (0.38 * size, 0), (0.36 * size, 0.13 * size))


def _wing(u: Array, v: Array, size: float, rng: np.random.Generator) -> Array:
    bend = rng.uniform(0.15, 0.42) * size
    upper = capsule(u, v, (-0.42 * size, bend), (0, -bend / 2), (0.17 * size, 0.22 * size))
    lower = capsule(u, v, (0, -bend / 2), (0.5 * size, bend), (0.22 * size, 0.1 * size))
    return np.minimum(upper, lower)


def _chunk(u: Array, v: Array, size: float, rng: np.random.Generator) -> Array:
    length = rng.uniform(0.05, 0.25) * size
    return capsule(u, v, (-length, 0), (length, 0), (0.3 * size, rng.uniform(0.22, 0.34) * size))


OUTLINES = {"drumstick": _drumstick, "wing": _wing, "chunk": _chunk}


def _bone(patch: Array, u: Array, v: Array, size: float) -> None:
    shaft = capsule(u, v, (0.3 * size, 0), (0.62 * size, 0), (0.06 * size, 0.05 * size))
    knob = np.minimum(
        np.hypot(u - 0.66 * size, v - 0.04 * size), np.hypot(u - 0.66 * size, v + 0.04 * size)
    )
    bone = np.minimum(shaft, knob - 0.06 * size)
    cast_shadow(patch, bone, offset=2, reach=4, depth=0.35)
    blend(patch, (228, 208, 172), cover(bone))
    blend(patch, (250, 240, 215), 0.7 * cover(bone + 0.03 * size, 2))


def _shade(distance: Array, size: float, rng: np.random.Generator, coat: Coat) -> Array:
    """Light the breading: a dome with crags on it, dark in the pits, pale on the crumbs."""
    shape = distance.shape
    depth = np.clip(-distance / (0.34 * size), 0, 1)
    dome = np.sqrt(1 - (1 - depth) ** 2)
    crags = noise_patch(rng, 1.1, shape, 1.6) + 0.5 * noise_patch(rng, 0.6, shape)
    height = 0.3 * size * dome + (0.3 + 1.7 * coat.roughness) * crags
    slope_y, slope_x = np.gradient(height)
    length = np.sqrt(slope_x**2 + slope_y**2 + 1)
    lx, ly, lz = coat.light
    facing = (lz - lx * slope_x - ly * slope_y) / length
    fried = 0.5 + 0.3 * coat.roughness * crags + 0.25 * noise_patch(rng, 1.6, shape, 1.5)
    fried = np.clip(fried, 0, 1)[..., None]
    color = np.asarray(coat.glaze) * (1 - fried) + np.asarray(coat.crumb) * fried
    lit = color * (0.38 + 0.78 * np.clip(facing, 0, 1))[..., None]
    # Half way between the lamp and the eye, which looks straight down.
    mirror = ((1 + lz) - lx * slope_x - ly * slope_y) / (length * np.sqrt(2 + 2 * lz))
    shine = coat.gloss * np.clip(mirror, 0, 1) ** 26
    found: Array = (lit + 190 * shine[..., None]).astype(np.float32)
    return found
