"""Photo -> features: the only code that both sides of the endpoint share.

Training imports it, and the Lambda bundle holds a copy under the same path, so a photo
becomes the same numbers in both places. Light imports only: the standard library and Pillow
(numpy and onnxruntime only where an extractor that needs them is loaded).
"""

from model_code.features.confidence import Confidence, calibrate, is_confident, likeness
from model_code.features.extractors import EXTRACTORS, Extract, Extractor, load_extractor
from model_code.features.photo import PhotoError, open_photo
from model_code.features.row import csv_row, select
from model_code.features.scores import are_probabilities, parse_scores

__all__ = [
    "EXTRACTORS",
    "Confidence",
    "Extract",
    "Extractor",
    "PhotoError",
    "are_probabilities",
    "calibrate",
    "csv_row",
    "is_confident",
    "likeness",
    "load_extractor",
    "open_photo",
    "parse_scores",
    "select",
]
