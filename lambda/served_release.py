"""What the Lambda needs of the release that it was bundled with."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from model_code.features import Confidence


class ServedRelease(NamedTuple):
    """The release that this bundle, and only this bundle's endpoint, answers for."""

    id: str
    brands: tuple[str, ...]  # in class order
    names: dict[str, str]  # brand -> display name
    extractor: str
    selection: tuple[int, ...]
    num_feature: int
    confidence: Confidence
    metrics: dict[str, Any]


def load_release(path: Path) -> ServedRelease:
    """Read `release.json`; synth has verified it before it was bundled."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return ServedRelease(
        id=document["id"],
        brands=tuple(brand["id"] for brand in document["brands"]),
        names={brand["id"]: brand["name"] for brand in document["brands"]},
        extractor=document["extractor"]["name"],
        selection=tuple(document["selection"]),
        num_feature=document["model"]["num_feature"],
        confidence=Confidence(
            **{name: document["confidence"][name] for name in Confidence._fields}
        ),
        metrics=document["metrics"],
    )
