"""The work folder: plain files that each step of a training leaves for the next."""

import hashlib
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from model_code.dataset import Dataset, Photo
from model_code.errors import UserError
from model_code.recipe import Recipe
from model_code.release import Brand
from model_code.training import Examples, Features

# The steps in their order, with the file that each leaves.
FILES = {
    "extract": "dataset.json",
    "select": "selection.json",
    "fit": "booster.json",
    "calibrate": "confidence.json",
    "evaluate": "metrics.json",
    "sweep": "sweep.json",
}
RAW, MIRRORED = "raw.npy", "mirrored.npy"


class Extracted(NamedTuple):
    """What the first step leaves."""

    dataset: Dataset
    examples: Examples  # all photos
    test: list[int]  # rows that are held out
    seed: int
    recipe: Recipe

    @property
    def train(self) -> list[int]:
        """The rows to learn from."""
        held_out = set(self.test)
        return [row for row in range(len(self.dataset.photos)) if row not in held_out]


class Work:
    """One training's files; a step that runs again removes what later steps made of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, step: str, content: bytes) -> None:
        """Leave `content` for the steps after `step`, and undo those."""
        steps = list(FILES)
        for later in steps[steps.index(step) :]:
            (self.folder / FILES[later]).unlink(missing_ok=True)
        self._write(FILES[step], content)

    def read(self, step: str) -> bytes:
        """Return what `step` left.

        Raises
        ------
        UserError
            It did not run, was undone by a step before it, or its file was changed since.
        """
        path = self.folder / FILES[step]
        if not path.exists():
            raise UserError(
                f"{path} is missing. Run first: python -m model_code {step} --work {self.folder}"
            )
        return self._read(FILES[step])

    def _write(self, name: str, content: bytes) -> None:
        """Write a file that is there whole or not at all, with its digest beside it."""
        (self.folder / f"{name}.sha256").write_bytes(_sha256(content))
        unfinished = self.folder / f"{name}.part"
        unfinished.write_bytes(content)
        unfinished.replace(self.folder / name)

    def _read(self, name: str) -> bytes:
        """Read what `_write` wrote: with its digest, so that what it holds needs no check."""
        path = self.folder / name
        with suppress(FileNotFoundError, IsADirectoryError):
            content = path.read_bytes()
            if _sha256(content) == (self.folder / f"{name}.sha256").read_bytes():
                return content
        raise UserError(
            f"{path} is damaged. Delete it and run again from: python -m model_code extract "
            f"PHOTOS --work {self.folder}"
        )

    def write_json(self, step: str, content: Any) -> None:
        """Leave `content` as JSON."""
        # In ASCII, since a file's name need not be text that UTF-8 can hold.
        self.write(step, json.dumps(content).encode())

    def read_json(self, step: str) -> Any:
        """Return what `write_json` left."""
        return json.loads(self.read(step))

    def write_extracted(self, extracted: Extracted) -> None:
        """Leave the first step's result."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / FILES["extract"]).unlink(missing_ok=True)
        self._write_array(RAW, extracted.examples.raw)
        if extracted.examples.mirrored is not None:
            self._write_array(MIRRORED, extracted.examples.mirrored)
        document = {
            "brands": [brand.model_dump() for brand in extracted.dataset.brands],
            "photos": [(p.brand, str(p.path), p.sha256) for p in extracted.dataset.photos],
            "photos_sha256": extracted.dataset.sha256,
            "groups": extracted.examples.together.tolist(),
            "test": extracted.test,
            "seed": extracted.seed,
            "recipe": extracted.recipe.model_dump(),
        }
        self.write_json("extract", document)

    def read_extracted(self) -> Extracted:
        """Return the first step's result."""
        document = self.read_json("extract")
        brands = tuple(Brand(**brand) for brand in document["brands"])
        photos = tuple(Photo(brand, Path(path), sha) for brand, path, sha in document["photos"])
        dataset = Dataset(brands, photos, (), document["photos_sha256"])
        recipe = Recipe.model_validate(document["recipe"])
        mirrored = self._read_array(MIRRORED) if recipe.mirrored else None
        groups = np.asarray(document["groups"])
        labels = np.asarray(dataset.labels)
        examples = Examples(self._read_array(RAW), mirrored, labels, groups)
        return Extracted(dataset, examples, document["test"], document["seed"], recipe)

    def _write_array(self, name: str, array: Features) -> None:
        content = io.BytesIO()
        np.save(content, array)
        self._write(name, content.getvalue())

    def _read_array(self, name: str) -> Features:
        array: Features = np.load(io.BytesIO(self._read(name)), allow_pickle=False)
        return array


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
