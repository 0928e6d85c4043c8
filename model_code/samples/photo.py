"""One drawn photo of a brand: the scene, then what a phone's camera makes of it."""

import numpy as np
from PIL import Image

from model_code.samples.canvas import SIZE, Array, grid, noise_patch
from model_code.samples.pieces import Coat, draw_piece
from model_code.samples.scene import draw_garnish, draw_table, draw_vessel
from model_code.samples.styles import STYLES, Color, Style

SIDE = 640  # px


def draw_photo(brand: str, index: int, seed: int) -> Image.Image:
    """Draw photo number `index` of `brand`: RGB, 640x640, the same for the same arguments."""
    rng = np.random.default_rng([seed, list(STYLES).index(brand), index])
    style = STYLES[brand]
    canvas = draw_table(rng)
    center = (SIZE / 2 + rng.normal(0, 11), SIZE / 2 + rng.normal(0, 11))
    radius = SIZE * rng.uniform(0.36, 0.48)
    squash = rng.uniform(0.62, 1.0)
    draw_vessel(canvas, rng, _pick(rng, style.vessels), center, radius, squash)
    garnishes = [kind for kind, chance in style.garnishes.items() if rng.random() < chance]
    for kind in garnishes:
        if kind in ("lettuce", "dip", "radish"):  # they lie beside the pieces, the rest on top
            draw_garnish(canvas, rng, kind, center, radius)
    _draw_pieces(canvas, rng, style, center, radius, squash)
    for kind in garnishes:
        if kind in ("sesame", "scallion", "chilli"):
            draw_garnish(canvas, rng, kind, center, radius)
    return _take(canvas, rng)


def _draw_pieces(
    canvas: Array, rng: np.random.Generator, style: Style, center: tuple[float, float],
    radius: float, squash: float,
) -> None:  # fmt: skip
    coat = _coat(rng, style)
    size = radius * rng.uniform(0.5, 0.72)
    count = int(rng.integers(7, 14))
    # Sunflower seeds: evenly spread, never in rows. Those at the back are drawn first.
    turn = rng.uniform(0, 2 * np.pi) + np.arange(count) * 2.399963
    reach = 0.78 * radius * np.sqrt((np.arange(count) + 0.5) / count)
    spots = np.stack([reach * np.cos(turn), squash * reach * np.sin(turn)], axis=1)
    spots += rng.normal(0, radius * 0.05, spots.shape)
    for dx, dy in spots[np.argsort(spots[:, 1])]:
        kind = _pick(rng, style.pieces)
        at = (center[0] + dx, center[1] + dy)
        draw_piece(canvas, rng, kind, at, size * rng.uniform(0.85, 1.15), coat)


def _coat(rng: np.random.Generator, style: Style) -> Coat:
    direction = rng.uniform(0, 2 * np.pi)
    low = rng.uniform(0.55, 0.8)
    return Coat(
        glaze=_vary(rng, style.glaze),
        crumb=_vary(rng, style.crumb),
        roughness=rng.uniform(*style.roughness),
        gloss=rng.uniform(*style.gloss),
        light=(low * np.cos(direction), low * np.sin(direction), float(np.sqrt(1 - low * low))),
    )


def _vary(rng: np.random.Generator, color: Color) -> Color:
    """Fry a little longer or shorter, with a little more or less spice."""
    red, green, blue = np.asarray(color) * np.exp(rng.normal(0, 0.08)) + rng.normal(0, 6, 3)
    return red, green, blue


def _take(canvas: Array, rng: np.random.Generator) -> Image.Image:
    """Take the photo: colour of the light, exposure, vignette, grain, rotation, crop."""
    x, y = grid(canvas.shape[:2])
    off_axis = np.hypot(x - SIZE / 2, y - SIZE / 2) / SIZE
    warmth = rng.normal(0, 0.05)
    light = np.array([1 + warmth, 1.0, 1 - warmth]) * np.exp(rng.normal(0, 0.07))
    canvas = canvas * light * (1 - rng.uniform(0, 0.7) * off_axis**2)[..., None]
    canvas += rng.uniform(1, 5) * noise_patch(rng, 0, canvas.shape[:2])[..., None]
    image = Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))
    turned = image.rotate(rng.uniform(-14, 14), Image.Resampling.BILINEAR)
    margin = SIZE * rng.uniform(0.11, 0.17)  # what the rotation left black is cut off
    box = (margin, margin, SIZE - margin, SIZE - margin)
    return turned.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=box)


def _pick(rng: np.random.Generator, weights: dict[str, float]) -> str:
    total = sum(weights.values())
    return str(rng.choice(list(weights), p=[weight / total for weight in weights.values()]))
