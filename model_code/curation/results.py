"""What `curate` leaves in its work folder."""

from collections.abc import Sequence
from pathlib import Path

from model_code.curation.proposals import Proposal, as_document, as_table
from model_code.curation.sheet import write_sheet
from model_code.dataset import Dataset
from model_code.decisions import Decisions, stored_decisions, write_whole
from model_code.posts import read_manifest


def write_results(work: Path, photos: Path, dataset: Dataset, proposals: Sequence[Proposal]) -> int:
    """Write proposals.json and .csv, suggestions.json and sheet.html; return how many it shows.

    suggestions.json holds the decisions of someone who trusts the finders, over what a person
    decided before.
    """
    work.mkdir(parents=True, exist_ok=True)
    decided = stored_decisions(photos)
    write_whole(work / "proposals.json", as_document(proposals))
    # With a byte order mark, or a spreadsheet takes Korean for something else.
    (work / "proposals.csv").write_text(as_table(proposals), "utf-8-sig", newline="")
    suggested = {p.photo.sha256: p.suggestion for p in proposals} | decided.by_digest()
    suggestions = Decisions(decisions=tuple(suggested.values()))
    write_whole(work / "suggestions.json", suggestions.document())
    return write_sheet(work / "sheet.html", dataset, proposals, decided, read_manifest(photos))
