"""Photos that lie in a folder already, however deep."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from model_code.collection.source import Item
from model_code.errors import UserError


class LocalFolder:
    """Every file below the folders of a brand; what is not a photo is left out with its reason."""

    name = "folder"

    def __init__(self, folders: Mapping[str, Sequence[Path]]) -> None:
        self._folders = {brand: [checked(folder) for folder in of] for brand, of in folders.items()}

    @property
    def brands(self) -> Sequence[str]:
        """Return the brands that it has folders of."""
        return list(self._folders)

    def items(self, brand: str) -> Iterator[Item]:
        """Yield the files of a brand, by name."""
        for folder in self._folders[brand]:
            for file in files_below(folder):
                yield Item(url=file.as_uri(), brand=brand, query=str(folder), file=file)


def checked(folder: Path) -> Path:
    """Return the folder as an absolute path, or say that it is none."""
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder. Name it as BRAND=FOLDER.")
    return folder.resolve()


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files below, sorted. Hidden ones and links, which may lead anywhere, are not."""
    for directory, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(directory, name)
            if not name.startswith(".") and file.is_file() and not file.is_symlink():
                yield file
