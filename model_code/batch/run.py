"""Ask about every photo that has no row yet, some at a time, and write each answer at once."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from model_code.batch.answers import AnswerFile, Report, open_answers
from model_code.errors import UserError
from model_code.photo_file import PhotoFile
from model_code.predict import Outcome, Predictor
from model_code.progress import track

# Called again, it lists the same photos: any number of them is never held at once.
Listing = Callable[[], Iterable[PhotoFile]]


def run(photos: Listing, predictor: Predictor, output: Path) -> Report:
    """Answer the photos that `output` has no row of, and return what is in it then.

    Raises
    ------
    UserError
        There are no photos, whoever is asked cannot answer, or `output` is another release's.
        What was answered until then is in it.
    """
    check_some(photos)
    with open_answers(output, predictor.served()) as answers:
        left = sum(1 for _ in _todo(photos, answers))
        outcomes = _outcomes(_todo(photos, answers), predictor)
        for photo, outcome in track(outcomes, "Predicting", left):
            answers.add(photo.name, outcome)
        return answers.report


def check_some(photos: Listing) -> None:
    """Refuse to answer nothing.

    Raises
    ------
    UserError
        There are no photos.
    """
    if next(iter(photos()), None) is None:
        raise UserError("There are no photos there. Is that the folder, or the prefix?")


def _todo(photos: Listing, answers: AnswerFile) -> Iterator[PhotoFile]:
    return (photo for photo in photos() if not answers.has(photo.name))


def _outcomes(
    photos: Iterator[PhotoFile], predictor: Predictor
) -> Iterator[tuple[PhotoFile, Outcome]]:
    while group := list(islice(photos, predictor.group)):
        yield from zip(group, predictor.predict(group), strict=True)
