"""What a person decided about photos, in `<photos>/curation.json`: training follows it.

A decision is about a photo's content, so that renaming or moving a file does not lose it.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from model_code.errors import UserError
from model_code.whole_file import whole_file

FILE = "curation.json"
MADE_BY = "The contact sheet of `python -m model_code curate` saves such a file."
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Decision(_Strict):
    """Keep a photo as it lies, leave it out, or count it for another brand."""

    sha256: Digest
    decision: Literal["keep", "drop", "move"]
    brand: str | None = None  # where it moves to
    photo: str = ""  # <brand>/<file>, where it lay; for people, and to tell what became of it
    reason: str = ""

    @model_validator(mode="after")
    def _check_brand(self) -> "Decision":
        if (self.decision == "move") != (self.brand is not None):
            raise ValueError("a move needs a brand, and nothing else has one")
        return self


class Decisions(_Strict):
    """All that was decided about a folder of photos."""

    format: Literal[1] = 1
    decisions: tuple[Decision, ...]

    @model_validator(mode="after")
    def _check_unique(self) -> "Decisions":
        digests = [decision.sha256 for decision in self.decisions]
        if len(set(digests)) < len(digests):
            raise ValueError("there are two decisions about one photo")
        return self

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"format": self.format, **self.model_dump(exclude_defaults=True)}

    def by_digest(self) -> dict[str, Decision]:
        """Return each decision by the content that it is about."""
        return {decision.sha256: decision for decision in self.decisions}


def read_decisions(path: Path) -> Decisions:
    """Read what the contact sheet saved.

    Raises
    ------
    UserError
        The file cannot be read, or is no such file.
    """
    try:
        return Decisions.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}. {MADE_BY}") from error
    except ValidationError as error:
        raise UserError(f"{path} holds no decisions: {_first_fault(error)}. {MADE_BY}") from error


def stored_decisions(folder: Path) -> Decisions:
    """Return what was decided about the photos in `folder`: nothing, where there is no file."""
    path = folder / FILE
    if not path.exists() and not path.is_symlink():  # a link to nowhere is a mistake
        return Decisions(decisions=())
    return read_decisions(path)


def store_decisions(folder: Path, decisions: Decisions) -> Path:
    """Write `<folder>/curation.json`, whole or not at all."""
    write_whole(folder / FILE, decisions.document())
    return folder / FILE


def write_whole(path: Path, document: object) -> None:
    """Write a document as JSON, so that a run that is killed leaves the old file or the new."""
    with whole_file(path) as unfinished:
        unfinished.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")


def check_brands(decisions: Decisions, brands: set[str], path: Path) -> None:
    """Refuse a move to a brand that has no folder."""
    for decision in decisions.decisions:
        if decision.brand is not None and decision.brand not in brands:
            raise UserError(
                f"{path} moves {decision.photo or decision.sha256} to {decision.brand}, which has "
                f"no folder. The brands are {', '.join(sorted(brands))}."
            )


def _first_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else str(fault["msg"])
