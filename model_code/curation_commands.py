"""The command that finds photos to look at, and takes over what was decided about them."""

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any


def add_curation_commands(commands: Any) -> None:
    """Add `curate`."""
    parser = commands.add_parser(
        "curate",
        help="find photos that should not be trained on; a person decides",
        description="Find near-copies, photos that are too small, blurred, text cards, not food, "
        "unlike their brand or of a doubtful brand. Nothing is deleted: the command writes "
        "proposals and a contact sheet, the sheet saves decisions.json, and --apply puts it "
        "beside the photos as curation.json, which train, extract, compare and tune follow.",
    )
    parser.add_argument("photos", type=Path, help="folder of <brand>/<photo>: JPEG, PNG, WebP")
    parser.add_argument(
        "--work", type=Path, default=Path("build/curation"), help="results (build/curation)"
    )
    parser.add_argument(
        "--apply",
        type=Path,
        metavar="DECISIONS",
        help="follow this file from now on, in place of the one before; without a person: "
        "suggestions.json of the work folder",
    )
    parser.set_defaults(run=_curate)


def _curate(arguments: argparse.Namespace) -> int:
    if arguments.apply:
        return _apply(arguments.photos, arguments.apply)
    return _propose(arguments.photos, arguments.work)


def _propose(photos: Path, work: Path) -> int:
    from model_code.curation.evidence import gather
    from model_code.curation.proposals import FINDERS, propose
    from model_code.curation.results import write_results

    evidence = gather(photos)
    for path, reason in evidence.dataset.skipped:
        print(f"left out  {path}: {reason}", file=sys.stderr)
    proposals = propose(evidence)
    shown = write_results(work, photos, evidence.dataset, proposals)
    found = Counter(name for proposal in proposals for name in proposal.scores)
    for name, text in FINDERS.items():
        print(f"{text:<24}{found[name]:>6}")
    print(f"{len(proposals)} of {len(evidence.dataset.photos)} photos are proposed")
    print(f"sheet     {work / 'sheet.html'} shows {shown}: open it, decide, save decisions.json")
    print(f"then      python -m model_code curate {photos} --apply decisions.json")
    return 0


def _apply(photos: Path, path: Path) -> int:
    from model_code.dataset import ignored
    from model_code.decisions import check_brands, read_decisions, store_decisions
    from model_code.listing import list_photos

    decisions, listing = read_decisions(path), list_photos(photos)
    check_brands(decisions, {brand.id for brand in listing.brands}, path)
    for note in ignored(photos, listing.photos, decisions):
        print(f"note      {note}", file=sys.stderr)
    stored = store_decisions(photos, decisions)
    counts = Counter(decision.decision for decision in decisions.decisions)
    print(f"{counts['drop']} to drop, {counts['move']} to move, {counts['keep']} to keep")
    print(f"written to {stored}; train, extract, compare and tune follow it")
    return 0
