"""The contact sheet: one HTML page with all that it shows, to decide on proposals."""

import base64
import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from string import Template
from typing import Any

from PIL import Image

from model_code.curation.proposals import FINDERS, Proposal, shown_name
from model_code.dataset import Dataset, Photo
from model_code.decisions import Decisions
from model_code.features import open_photo
from model_code.progress import track
from model_code.whole_file import whole_file

PAGE = Path(__file__).with_name("sheet.html")
TILE = 224  # px, of the longer side
QUALITY = 55  # of the WebP: a thousand photos make about 6 MB
LIMIT = 1000  # photos; the most suspicious first


def write_sheet(
    path: Path,
    dataset: Dataset,
    proposals: Sequence[Proposal],
    decided: Decisions,
    manifest: Mapping[str, Mapping[str, str]],
) -> int:
    """Write the page, whole or not at all; return how many photos it shows."""
    cards = _cards(dataset, proposals)
    document = {
        "id": hashlib.sha256("".join(p.sha256 for p in dataset.photos).encode()).hexdigest()[:16],
        "brands": [brand.model_dump() for brand in dataset.brands],
        "finders": FINDERS,
        "cards": [card | {"origin": _origin(manifest.get(card["sha256"], {}))} for card in cards],
        "decided": [decision.model_dump(exclude_defaults=True) for decision in decided.decisions],
    }
    # In a script element, `<` alone could end it.
    data = json.dumps(document, ensure_ascii=False).replace("<", "\\u003c")
    with whole_file(path) as unfinished:
        unfinished.write_text(Template(PAGE.read_text("utf-8")).substitute(data=data), "utf-8")
    return len(cards)


def _cards(dataset: Dataset, proposals: Sequence[Proposal]) -> list[dict[str, Any]]:
    """Return what is shown, in its order: near-copies beside the most suspicious of them."""
    photos = {photo.sha256: photo for photo in dataset.photos}
    proposed = {proposal.photo.sha256: proposal for proposal in proposals}
    order: dict[str, str] = {}  # digest -> the first of its group
    for proposal in proposals:
        if len(order) >= LIMIT:
            break
        leader = proposal.photo.sha256
        for digest in (leader, *proposal.group):
            order.setdefault(digest, order.get(leader, leader))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        images = pool.map(lambda digest: _thumbnail(photos[digest]), order)
        return [
            _card(photos[digest], proposed.get(digest), leader) | {"image": image}
            for (digest, leader), image in zip(
                order.items(), track(images, "Drawing the sheet", len(order)), strict=True
            )
        ]


def _card(photo: Photo, proposal: Proposal | None, leader: str) -> dict[str, Any]:
    card: dict[str, Any] = {
        "sha256": photo.sha256,
        "name": shown_name(photo),
        "brand": photo.brand,
        "group": leader,
        "findings": [],
    }
    if proposal is None:  # the copy to keep
        return card | {"suggestion": "keep", "to": None}
    findings = [
        {"finder": name, "score": score, "reason": proposal.reasons[name]}
        for name, score in sorted(proposal.scores.items(), key=lambda item: -item[1])
    ]
    chosen = proposal.suggestion
    return card | {"findings": findings, "suggestion": chosen.decision, "to": chosen.brand}


def _origin(row: Mapping[str, str]) -> str:
    return " ".join(filter(None, (row.get("source"), row.get("post"))))


def _thumbnail(photo: Photo) -> str:
    image = open_photo(photo.path.read_bytes(), TILE)
    image.thumbnail((TILE, TILE), Image.Resampling.BICUBIC)
    content = io.BytesIO()
    image.save(content, "WEBP", quality=QUALITY, method=2)
    return "data:image/webp;base64," + base64.b64encode(content.getvalue()).decode()
