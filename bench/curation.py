"""How well the finders find: precision and recall on real photos with planted faults.

`python -m bench.curation PHOTOS`, with PHOTOS/<brand>/<photo> of four brands or more; and what the
faults cost a model that is trained before and after curation. Thresholds were chosen on the first
half of the four dishes of docs/curate.md. `--things` and `--screens` add folders of photos that
are not of food, and of screenshots.
"""

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from bench.faults import Brands, Folder, plant
from model_code.curation.copy_finder import to_keep
from model_code.curation.doubt_finder import out_of_fold
from model_code.curation.evidence import Evidence, gather
from model_code.curation.finding import PROPOSED
from model_code.curation.proposals import Proposal, ask, propose
from model_code.dataset import Photo, file_sha256, scan
from model_code.decisions import Decision, Decisions, store_decisions
from model_code.extraction import extract
from model_code.recipe import RECIPES
from model_code.training import Examples, train_model

SEEDS = range(4)
# The faults that a finder is there for, its own one first; the others are right to be asked about.
ABOUT = {
    "duplicate": ("copy", "copy elsewhere"),
    "small": ("small",),
    "blurred": ("blurred",),
    "card": ("card", "screenshot"),
    "not-food": ("thing", "card", "screenshot"),
    "doubted": ("wrong brand", "other dish", "thing", "copy elsewhere", "card", "screenshot"),
    "unlike": ("other dish", "wrong brand", "thing", "copy elsewhere", "card", "screenshot"),
}


class Run(NamedTuple):
    """One half of the photos with one draw of faults."""

    faults: dict[str, str]  # by name
    found: dict[str, set[str]]  # by finder: names
    photos: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--things", type=Path)
    parser.add_argument("--screens", type=Path)
    arguments = parser.parse_args()
    runs: dict[int, list[Run]] = {0: [], 1: []}
    scores = []
    for half in runs:
        for seed in SEEDS:
            with TemporaryDirectory() as temporary:
                path = Path(temporary) / "photos"
                folder, test = plant(
                    path, arguments.photos, half, seed, arguments.things, arguments.screens
                )
                evidence = gather(path)
                runs[half].append(
                    Run(told(folder, evidence), asked(evidence), len(evidence.labels))
                )
                if half:
                    scores.append(before_and_after(folder, test, propose(evidence)))
    show("the first half", runs[0])
    show("the second half", runs[1])
    show_scores(scores)


def named(photo: Photo) -> str:
    return f"{photo.path.parent.name}/{photo.path.name}"


def told(folder: Folder, evidence: Evidence) -> dict[str, str]:
    """Return the faults, with the originals of copies: both of a pair are found, or neither."""
    faults, photos = dict(folder.faults), evidence.dataset.photos
    copied = {
        evidence.groups[row]: fault
        for row, photo in enumerate(photos)
        if (fault := faults.get(named(photo), "")).startswith("copy")
    }
    for row, photo in enumerate(photos):
        if evidence.groups[row] in copied:
            faults.setdefault(named(photo), "original")
    return faults


def asked(evidence: Evidence) -> dict[str, set[str]]:
    """Return by finder the names of the photos that it proposes; a copy stands for its group."""
    probabilities = out_of_fold(evidence)
    found = ask(evidence, probabilities, to_keep(evidence, probabilities))
    photos, groups = evidence.dataset.photos, evidence.groups
    names = {
        finder: {named(photos[row]) for row in np.flatnonzero(findings.scores >= PROPOSED)}
        for finder, findings in found.items()
    }
    copied = set(groups[found["duplicate"].scores >= PROPOSED])
    names["duplicate"] = {
        named(photo) for photo, group in zip(photos, groups, strict=True) if group in copied
    }
    return names


def before_and_after(
    folder: Folder, test: Brands, proposals: Sequence[Proposal]
) -> dict[str, float]:
    """Return the accuracy on clean photos of models of the folder, decided or not."""
    everything = {name: decision(folder, name) for name in folder.faults}
    proposed = [proposal.suggestion.photo for proposal in proposals]
    person = [everything[name] for name in proposed if name in everything]
    return {
        "as collected": accuracy(folder, test, []),
        "as suggested": accuracy(folder, test, [p.suggestion for p in proposals]),
        "as a person decides": accuracy(folder, test, person),
        "without any fault": accuracy(folder, test, list(everything.values())),
    }


def decision(folder: Folder, name: str) -> Decision:
    brand = folder.truth[name]
    sha256 = file_sha256(folder.path / name)
    return Decision(sha256=sha256, decision="move" if brand else "drop", brand=brand, photo=name)


def accuracy(folder: Folder, test: Brands, decisions: Sequence[Decision]) -> float:
    store_decisions(folder.path, Decisions(decisions=tuple(decisions)))
    recipe = RECIPES["embedding"]
    dataset, raw, mirrored = extract(scan(folder.path), recipe.extractor, recipe.mirrored)
    model = train_model(Examples(raw, mirrored, np.asarray(dataset.labels)), recipe, seed=0)
    clean = tuple(
        Photo(brand, path, file_sha256(path)) for brand in sorted(test) for path in test[brand]
    )
    unseen = dataset.__class__(dataset.brands, clean, (), "")
    answers = model.probabilities(extract(unseen, recipe.extractor, recipe.mirrored).raw)
    return float((answers.argmax(axis=1) == unseen.labels).mean())


def show(title: str, runs: Sequence[Run]) -> None:
    """Print what each finder finds of the faults that it is there for."""
    planted: dict[str, int] = defaultdict(int)
    hit: dict[tuple[str, str], int] = defaultdict(int)
    for run in runs:
        for name, fault in run.faults.items():
            planted[fault] += 1
            for finder, names in run.found.items():
                hit[finder, fault] += name in names
            hit["any", fault] += any(name in names for names in run.found.values())
    print(f"\n{title}: {len(runs)} draws, {sum(run.photos for run in runs):,} photos")
    print(f"{'finder':<12}{'fault':<16}{'planted':>8}{'recall':>8}{'by any':>8}{'precision':>11}")
    for finder, faults in ABOUT.items():
        proposed = sum(len(run.found[finder]) for run in runs)
        right = sum(
            run.faults.get(name) in (*faults, "original" if finder == "duplicate" else "")
            for run in runs
            for name in run.found[finder]
        )
        for fault in faults if finder in ("duplicate", "card", "not-food") else faults[:1]:
            if planted[fault]:
                recall, by_any = (hit[of, fault] / planted[fault] for of in (finder, "any"))
                precision = f"{right / proposed:11.2f}" if fault == faults[0] and proposed else ""
                print(
                    f"{finder:<12}{fault:<16}{planted[fault]:>8}{recall:>8.2f}{by_any:>8.2f}"
                    f"{precision}"
                )
    clean = sum(run.photos - len(run.faults) for run in runs)
    wrongly = sum(
        len({name for names in run.found.values() for name in names} - set(run.faults))
        for run in runs
    )
    print(f"of {clean:,} photos without a fault {wrongly} are proposed ({wrongly / clean:.1%})")


def show_scores(scores: Sequence[dict[str, float]]) -> None:
    print(f"\naccuracy on clean photos that were held out, {len(scores)} draws of the second half")
    for way in scores[0]:
        values = np.array([score[way] for score in scores])
        print(f"{way:<22}{values.mean():.3f} ± {values.std(ddof=1):.3f}")


if __name__ == "__main__":
    main()
