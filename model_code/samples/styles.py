"""What tends to be different between the four brands of the drawn photos."""

from typing import NamedTuple

Color = tuple[int, int, int]  # RGB, 0 to 255
Range = tuple[float, float]


class Style(NamedTuple):
    """A brand's tendencies: each photo draws from these, and the brands overlap."""

    name: str  # to show people
    glaze: Color
    crumb: Color  # the high spots of the breading
    roughness: Range  # of the breading, 0 (smooth) to 1 (craggy)
    gloss: Range  # 0 (dry) to 1 (wet)
    pieces: dict[str, float]  # kind -> weight
    vessels: dict[str, float]
    garnishes: dict[str, float]  # kind -> probability


STYLES = {
    "BBQ": Style(
        name="BBQ",
        glaze=(212, 146, 52),
        crumb=(250, 206, 118),
        roughness=(0.55, 1.0),
        gloss=(0.0, 0.35),
        pieces={"drumstick": 5, "wing": 2, "chunk": 2},
        vessels={"basket": 6, "plate": 2, "box": 1},
        garnishes={"radish": 0.5, "lettuce": 0.4, "dip": 0.4, "chilli": 0.1},
    ),
    "goobne": Style(
        name="굽네",
        glaze=(170, 104, 56),
        crumb=(208, 150, 94),
        roughness=(0.05, 0.45),
        gloss=(0.15, 0.6),
        pieces={"drumstick": 4, "chunk": 3, "wing": 2},
        vessels={"tray": 6, "plate": 2, "basket": 1},
        garnishes={"lettuce": 0.3, "dip": 0.5, "sesame": 0.2, "radish": 0.3},
    ),
    "kyochon": Style(
        name="교촌",
        glaze=(112, 56, 22),
        crumb=(164, 94, 42),
        roughness=(0.2, 0.65),
        gloss=(0.45, 1.0),
        pieces={"wing": 6, "drumstick": 2, "chunk": 1},
        vessels={"box": 6, "plate": 2, "tray": 1},
        garnishes={"sesame": 0.7, "chilli": 0.3, "radish": 0.3, "scallion": 0.2},
    ),
    "nene": Style(
        name="네네",
        glaze=(178, 44, 22),
        crumb=(218, 92, 46),
        roughness=(0.35, 0.85),
        gloss=(0.3, 0.9),
        pieces={"chunk": 6, "drumstick": 1, "wing": 2},
        vessels={"plate": 6, "box": 2, "basket": 1},
        garnishes={"scallion": 0.6, "sesame": 0.4, "dip": 0.2, "radish": 0.2},
    ),
}
