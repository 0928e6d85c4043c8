"""One immutable, content-addressed result of training: its format, contract and golden photos."""

from model_code.release.contract import read_release
from model_code.release.document import (
    CONTAINER_VERSION,
    CONTAINER_XGBOOST,
    DOCUMENT,
    ID,
    ID_LENGTH,
    MODEL_ARCHIVE,
    S3_PREFIX,
    Brand,
    ConfidenceFacts,
    ExtractorFacts,
    Golden,
    ModelFacts,
    Release,
    ReleaseError,
    Tolerance,
    Training,
)
from model_code.release.files import files_of
from model_code.release.golden import answer_mismatch

__all__ = [
    "CONTAINER_VERSION",
    "CONTAINER_XGBOOST",
    "DOCUMENT",
    "ID",
    "ID_LENGTH",
    "MODEL_ARCHIVE",
    "S3_PREFIX",
    "Brand",
    "ConfidenceFacts",
    "ExtractorFacts",
    "Golden",
    "ModelFacts",
    "Release",
    "ReleaseError",
    "Tolerance",
    "Training",
    "answer_mismatch",
    "files_of",
    "read_release",
]
