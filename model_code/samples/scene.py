"""Table, vessel and garnish around the pieces."""

from collections.abc import Callable

import numpy as np

from model_code.samples.canvas import (
    SIZE,
    Array,
    blend,
    capsule,
    cast_shadow,
    cover,
    grid,
    noise_patch,
)

TABLES = [(168, 122, 78), (112, 76, 50), (206, 196, 182), (70, 72, 78), (222, 218, 210),
          (150, 60, 48), (60, 90, 88)]  # fmt: skip
SHAPE = (SIZE, SIZE)


def draw_table(rng: np.random.Generator) -> Array:
    """Return a canvas with a table: wood where it is brown, else cloth or stone."""
    color = np.asarray(TABLES[rng.integers(len(TABLES))], dtype=np.float32)
    canvas = np.broadcast_to(color, (*SHAPE, 3)).copy()
    grain = noise_patch(rng, 1.2, (SIZE, 64), 1.5)
    if rng.random() < 0.6:
        canvas *= (1 + 0.1 * np.repeat(grain, 7, axis=1)[:, :SIZE])[..., None]
    return canvas * (1 + 0.06 * noise_patch(rng, 1.6, SHAPE))[..., None]


def draw_vessel(
    canvas: Array, rng: np.random.Generator, kind: str, center: tuple[float, float], radius: float,
    squash: float,
) -> None:  # fmt: skip
    """Draw what the pieces lie in; `squash` is how flat the camera sees it (1: from above)."""
    x, y = grid(SHAPE)
    x, y = x - center[0], (y - center[1]) / squash
    angle = rng.uniform(-0.4, 0.4)
    u, v = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    VESSELS[kind](canvas, rng, u, v, radius)


def _plate(canvas: Array, rng: np.random.Generator, u: Array, v: Array, radius: float) -> None:
    color = np.array([(238, 236, 230), (226, 230, 236), (52, 54, 60)][rng.integers(3)])
    rim = np.hypot(u, v) - radius * 1.25
    cast_shadow(canvas, rim, 8, 14, 0.5)
    blend(canvas, color, cover(rim))
    blend(canvas, color * 0.86, cover(np.abs(rim + radius * 0.24) - 2, 3))
    blend(canvas, color * 0.95, cover(rim + radius * 0.26, 2))


def _square(u: Array, v: Array, half: float, corner: float) -> Array:
    du, dv = np.abs(u) - half + corner, np.abs(v) - half + corner
    found: Array = np.hypot(np.maximum(du, 0), np.maximum(dv, 0)) - corner
    return np.maximum(found, np.maximum(du, dv) - corner)


def _walled(canvas: Array, u: Array, v: Array, radius: float, wall: Array, floor: Array) -> None:
    edge = _square(u, v, radius * 1.2, radius * 0.16)
    cast_shadow(canvas, edge, 9, 14, 0.55)
    blend(canvas, wall, cover(edge))
    blend(canvas, floor * 0.7, cover(edge + radius * 0.08, 4))
    blend(canvas, floor, cover(edge + radius * 0.16, 5))


def _box(canvas: Array, rng: np.random.Generator, u: Array, v: Array, radius: float) -> None:
    wall = np.array([(176, 134, 88), (196, 40, 38), (236, 226, 206)][rng.integers(3)])
    _walled(canvas, u, v, radius, wall, np.array((226, 206, 172)))


def _tray(canvas: Array, rng: np.random.Generator, u: Array, v: Array, radius: float) -> None:
    wall = np.array([(44, 44, 46), (150, 152, 156), (92, 60, 40)][rng.integers(3)])
    _walled(canvas, u, v, radius, wall, wall * 0.85)


def _basket(canvas: Array, rng: np.random.Generator, u: Array, v: Array, radius: float) -> None:
    edge = np.hypot(u, v) - radius * 1.2
    cast_shadow(canvas, edge, 9, 14, 0.55)
    weave = 150 + 40 * np.sin(np.arctan2(v, u) * 40) * np.sin(np.hypot(u, v) / 2.5)
    blend(canvas, np.stack([weave, weave * 0.72, weave * 0.42], axis=-1), cover(edge))
    paper = _square(u, v, radius * 1.05, 6) + 5 * noise_patch(rng, 1.8, SHAPE)
    checks = np.where((np.sin(u / 5) > 0) ^ (np.sin(v / 5) > 0), 246, 226)
    blend(canvas, np.stack([checks, checks, checks - 10], axis=-1), cover(paper))


VESSELS: dict[str, Callable[[Array, np.random.Generator, Array, Array, float], None]] = {
    "plate": _plate,
    "box": _box,
    "tray": _tray,
    "basket": _basket,
}


def draw_garnish(
    canvas: Array, rng: np.random.Generator, kind: str, center: tuple[float, float], radius: float
) -> None:
    """Scatter one kind of garnish over and around the pieces."""
    count, spread, size, draw = GARNISHES[kind]
    for _ in range(rng.integers(*count)):
        distance, angle = radius * spread * np.sqrt(rng.random()), rng.uniform(0, 2 * np.pi)
        at = center[0] + distance * np.cos(angle), center[1] + distance * np.sin(angle)
        _stamp(canvas, rng, at, radius, int(size * radius) + 8, draw)


Draw = Callable[[Array, np.random.Generator, Array, Array, float], None]


def _stamp(
    canvas: Array, rng: np.random.Generator, at: tuple[float, float], radius: float, reach: int,
    draw: Draw,
) -> None:  # fmt: skip
    """Draw something within `reach` px of `at`, in rotated coordinates of its own."""
    x0, y0 = max(int(at[0]) - reach, 0), max(int(at[1]) - reach, 0)
    patch = canvas[y0 : int(at[1]) + reach, x0 : int(at[0]) + reach]
    if 0 in patch.shape:
        return
    x, y = grid(patch.shape[:2])
    x, y, angle = x + x0 - at[0], y + y0 - at[1], rng.uniform(0, np.pi)
    u, v = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    draw(patch, rng, u, v, radius)


def _seed(patch: Array, _rng: np.random.Generator, u: Array, v: Array, _radius: float) -> None:
    edge = capsule(u, v, (-1.4, 0), (1.4, 0), (1.5, 0.9))
    cast_shadow(patch, edge, 1, 1.5, 0.4)
    blend(patch, (244, 226, 180), cover(edge, 0.7))


def _ring(color: tuple[int, int, int], heart: tuple[int, int, int]) -> Draw:
    def draw(patch: Array, rng: np.random.Generator, u: Array, v: Array, radius: float) -> None:
        size = radius * rng.uniform(0.045, 0.075)
        edge = np.hypot(u, v * rng.uniform(1.0, 1.6)) - size
        cast_shadow(patch, edge, 2, 2.5, 0.4)
        blend(patch, color, cover(edge, 0.9))
        blend(patch, heart, cover(edge + size * 0.5, 0.9))

    return draw


def _radish(patch: Array, rng: np.random.Generator, u: Array, v: Array, radius: float) -> None:
    edge = _square(u, v, radius * rng.uniform(0.09, 0.12), 2)
    cast_shadow(patch, edge, 4, 4, 0.45)
    blend(patch, (238, 240, 232), cover(edge))
    blend(patch, (252, 252, 248), cover(edge + radius * 0.04, 3))


def _leaf(patch: Array, rng: np.random.Generator, u: Array, v: Array, radius: float) -> None:
    wave = radius * 0.03 * np.sin(np.arctan2(v, u) * 11 + rng.uniform(0, 6))
    edge = np.hypot(u, v * 1.5) - radius * 0.34 + wave
    green = 1 + 0.12 * noise_patch(rng, 1.2, u.shape)
    cast_shadow(patch, edge, 4, 5, 0.4)
    blend(patch, np.stack([84 * green, 146 * green, 58 * green], axis=-1), cover(edge))
    blend(patch, (150, 190, 110), 0.7 * cover(np.abs(v) - 1.2))


def _dip(patch: Array, rng: np.random.Generator, u: Array, v: Array, radius: float) -> None:
    sauce = [(176, 34, 22), (236, 206, 120), (60, 34, 22), (244, 236, 220)][rng.integers(4)]
    edge = np.hypot(u, v) - radius * 0.34
    cast_shadow(patch, edge, 6, 8, 0.5)
    blend(patch, (236, 236, 238), cover(edge))
    blend(patch, sauce, cover(edge + radius * 0.06))
    blend(patch, (255, 255, 255), 0.5 * cover(np.hypot(u + 12, v + 10) - radius * 0.05, 3))


# kind -> how many, how far from the middle and how large (both in radii), and what
GARNISHES: dict[str, tuple[tuple[int, int], float, float, Draw]] = {
    "sesame": ((40, 110), 0.95, 0, _seed),
    "scallion": ((8, 22), 0.9, 0.08, _ring((92, 160, 62), (196, 220, 150))),
    "chilli": ((5, 12), 0.9, 0.08, _ring((196, 32, 26), (236, 150, 90))),
    "radish": ((4, 9), 1.4, 0.17, _radish),
    "lettuce": ((2, 5), 1.15, 0.4, _leaf),
    "dip": ((1, 2), 1.45, 0.36, _dip),
}
