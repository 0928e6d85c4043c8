"""One immutable, content-addressed result of training: its format, contract and golden photos."""

from model_code.release.contract import read_release
from model_code.release.document import (
    CONTAINER_VERSION,
    MODEL_ARCHIVE,
    Brand,
    ExtractorFacts,
    Golden,
    ModelFacts,
    Release,
    ReleaseError,
    Tolerance,
    Training,
)

__all__ = [
    "CONTAINER_VERSION",
    "MODEL_ARCHIVE",
    "Brand",
    "ExtractorFacts",
    "Golden",
    "ModelFacts",
    "Release",
    "ReleaseError",
    "Tolerance",
    "Training",
    "read_release",
]
