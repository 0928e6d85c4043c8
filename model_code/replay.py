"""The golden photos against the live API: the same brand, probabilities and release, or not."""

from collections.abc import Iterator
from pathlib import Path

from model_code.api_client import ask
from model_code.release import answer_mismatch, read_release


def replay(folder: Path, url: str) -> Iterator[tuple[str, str | None]]:
    """Post each golden photo of the release in `folder`; yield its path and what differs.

    Raises
    ------
    ReleaseError
        The release breaks the contract.
    UserError
        The API cannot be reached or refuses a photo.
    """
    release = read_release(folder)
    for golden in release.golden:
        answer = ask(url, folder / golden.photo)
        if answer.release != release.id:
            yield golden.photo, f"release {answer.release} answered instead of {release.id}"
            continue
        scores = [answer.probabilities.get(brand.id, -1.0) for brand in release.brands]
        yield golden.photo, answer_mismatch(golden, release, scores)
