"""What makes a release whole in a bucket: all of its folder but the report."""

from model_code.features import EXTRACTORS
from model_code.release.document import DOCUMENT, MODEL_ARCHIVE, Release


def files_of(release: Release) -> list[str]:
    """Return the files' paths in the release folder, `release.json` last.

    The report stays behind, since it shows the photos of the training.
    """
    extractor = EXTRACTORS.get(release.extractor.name)
    weights = [extractor.weights] if extractor and extractor.weights else []
    return [MODEL_ARCHIVE, *weights, *(golden.photo for golden in release.golden), DOCUMENT]
