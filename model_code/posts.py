"""Which photos come from one post: told by the manifest that `collect` leaves beside them."""

import csv
from collections.abc import Mapping
from pathlib import Path

from model_code.errors import UserError

MANIFEST = "photos.csv"
Post = tuple[str, str]  # source, and the post's name there


def read_manifest(folder: Path) -> dict[str, Mapping[str, str]]:
    """Return the row of each photo by its digest: none where no manifest lies in `folder`.

    A table without the columns `sha256` and `post` is somebody else's, and says nothing.

    Raises
    ------
    UserError
        The file is there, and is no text in UTF-8 or no CSV.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            if not {"sha256", "post"} <= set(table.fieldnames or ()):
                return {}
            return {row["sha256"]: row for row in table if row["sha256"]}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(
            f"{path} cannot be read as CSV ({error}). Which photos are of one post stands there: "
            "mend it, or take it away."
        ) from error


def posts(folder: Path) -> dict[str, Post]:
    """Return the post of each photo that has one, by the photo's digest."""
    return {
        sha256: (row.get("source") or "", row["post"])
        for sha256, row in read_manifest(folder).items()
        if row["post"]
    }
