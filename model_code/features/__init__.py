"""Photo -> features: the only code that both sides of the endpoint share.

Training imports it, and the Lambda bundle holds a copy under the same path, so a photo
becomes the same numbers in both places. Light imports only: the standard library and Pillow.
"""

from model_code.features.extractors import EXTRACTORS, Extractor
from model_code.features.photo import PhotoError, open_photo
from model_code.features.row import csv_row, select

__all__ = ["EXTRACTORS", "Extractor", "PhotoError", "csv_row", "open_photo", "select"]
