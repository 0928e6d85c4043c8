"""What the finders say of each photo, together: the proposals that a person decides about."""

import csv
import io
import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from model_code.curation.copy_finder import copy_groups, duplicate, to_keep
from model_code.curation.doubt_finder import Probabilities, doubted, out_of_fold
from model_code.curation.evidence import Evidence
from model_code.curation.finding import PROPOSED, Findings
from model_code.curation.likeness_finders import not_food, unlike
from model_code.curation.pixel_finders import blurred, card, small
from model_code.dataset import Photo
from model_code.decisions import Decision

# In the order in which they are told: what makes a photo useless before what makes it doubtful.
FINDERS = {
    "duplicate": "near-copy",
    "small": "too small",
    "blurred": "blurred",
    "card": "text card or screenshot",
    "not-food": "not food",
    "unlike": "unlike its brand",
    "doubted": "brand in doubt",
}
ABOUT_BRANDS = {"unlike", "doubted"}  # whose photos may be good ones, in the wrong place
SURE = 0.7  # probability from which on a move is suggested


class Proposal(NamedTuple):
    """A photo to look at."""

    photo: Photo
    scores: dict[str, float]  # by finder, of those that propose it
    reasons: dict[str, str]
    suggestion: Decision
    group: tuple[str, ...]  # digests of its near-copies, its own among them

    @property
    def suspicion(self) -> float:
        """The highest score."""
        return max(self.scores.values())


def propose(evidence: Evidence) -> list[Proposal]:
    """Ask all finders; return what they propose, the most suspicious first."""
    probabilities = out_of_fold(evidence)
    kept = to_keep(evidence, probabilities)
    found = ask(evidence, probabilities, kept)
    groups = {row: members for members in copy_groups(evidence) for row in members}
    photos = evidence.dataset.photos
    proposals = [
        Proposal(
            photo,
            scores,
            {name: found[name].reasons[row] for name in scores},
            _suggest(evidence, row, scores, probabilities, row in kept),
            tuple(photos[member].sha256 for member in groups.get(row, ())),
        )
        for row, photo in enumerate(photos)
        if (scores := _proposing(found, row))
    ]
    return sorted(proposals, key=_rank)


def ask(
    evidence: Evidence, probabilities: Probabilities | None, kept: set[int]
) -> dict[str, Findings]:
    """Return what each finder says of all photos."""
    found = {
        "duplicate": duplicate(evidence, kept),
        "small": small(evidence),
        "blurred": blurred(evidence),
        "card": card(evidence),
        "not-food": not_food(evidence),
        "unlike": unlike(evidence),
        "doubted": doubted(evidence, probabilities),
    }
    return {name: found[name] for name in FINDERS}


def _proposing(found: dict[str, Findings], row: int) -> dict[str, float]:
    scores = {name: float(findings.scores[row]) for name, findings in found.items()}
    return {name: round(score, 3) for name, score in scores.items() if score >= PROPOSED}


def _rank(proposal: Proposal) -> tuple[float, float, str]:
    return -proposal.suspicion, -sum(proposal.scores.values()), str(proposal.photo.path)


def _suggest(
    evidence: Evidence, row: int, scores: dict[str, float],
    probabilities: Probabilities | None, kept: bool,
) -> Decision:  # fmt: skip
    """Say what a person who trusts the finders would do."""
    photo = evidence.dataset.photos[row]
    useless = set(scores) - ABOUT_BRANDS - {"duplicate"}
    target = None if useless else _target(evidence, row, probabilities)
    if "duplicate" in scores and not kept and photo.sha256 not in evidence.elsewhere:
        target = None  # the copy that is kept stands for it
    elif target is None and set(scores) == {"duplicate"} and kept:
        return decide(photo, scores, "keep")
    return decide(photo, scores, "move", target) if target else decide(photo, scores, "drop")


def _target(evidence: Evidence, row: int, probabilities: Probabilities | None) -> str | None:
    """Return the brand that a photo belongs to, where models and likeness agree about it."""
    if probabilities is None:
        return None
    brands, photo = [brand.id for brand in evidence.dataset.brands], evidence.dataset.photos[row]
    if elsewhere := evidence.elsewhere.get(photo.sha256):
        return max((photo.brand, *elsewhere), key=lambda b: probabilities[row, brands.index(b)])
    best = int(probabilities[row].argmax())
    agreed = best == int(evidence.likeness[row].argmax()) != evidence.labels[row]
    return brands[best] if agreed and probabilities[row, best] >= SURE else None


def decide(
    photo: Photo, scores: dict[str, float], decision: Any, brand: str | None = None
) -> Decision:
    """Make a decision about a photo."""
    return Decision(
        sha256=photo.sha256,
        decision=decision,
        brand=brand,
        photo=shown_name(photo),
        reason=", ".join(FINDERS[name] for name in scores),
    )


def shown_name(photo: Photo) -> str:
    """Return where a photo lies, as text, whatever bytes its name is made of."""
    name = f"{photo.path.parent.name}/{photo.path.name}"
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")


def as_document(proposals: Sequence[Proposal]) -> list[dict[str, Any]]:
    """Return proposals as JSON has them."""
    return [
        {
            "photo": proposal.suggestion.photo,
            "sha256": proposal.photo.sha256,
            "score": proposal.suspicion,
            "findings": [
                {"finder": name, "score": score, "reason": proposal.reasons[name]}
                for name, score in proposal.scores.items()
            ],
            "suggestion": proposal.suggestion.decision,
            "brand": proposal.suggestion.brand,
            "copies": [digest for digest in proposal.group if digest != proposal.photo.sha256],
        }
        for proposal in proposals
    ]


def as_table(proposals: Sequence[Proposal]) -> str:
    """Return proposals as CSV: a line for each photo and finder."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(["photo", "finder", "score", "reason", "suggestion", "brand", "sha256"])
    for proposal in proposals:
        chosen = proposal.suggestion
        for name, score in proposal.scores.items():
            table.writerow(
                [chosen.photo, name, score, proposal.reasons[name], chosen.decision,
                 chosen.brand or "", proposal.photo.sha256]
            )  # fmt: skip
    return text.getvalue()
