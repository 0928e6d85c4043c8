"""JSON that somebody else wrote, read within bounds."""

import json
import lzma
from pathlib import Path
from typing import Any

from model_code.errors import UserError

MAX_JSON = 200_000_000  # bytes, unpacked; 100,000 posts of a crawl take some 60 MB


def read_json(path: Path) -> Any:
    """Return what is in a file, packed by xz or not.

    Raises
    ------
    UserError
        It cannot be read, is longer than `MAX_JSON`, or is no JSON.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_JSON + 1)
        if path.suffix == ".xz":  # which may unpack to anything
            content = lzma.LZMADecompressor().decompress(content, MAX_JSON + 1)
        if len(content) > MAX_JSON:
            raise UserError(f"{path} is longer than {MAX_JSON // 1_000_000} MB. Split it.")
        return json.loads(content)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError, lzma.LZMAError) as error:
        raise UserError(f"{path} is not JSON: {error}. Was it written to its end?") from error
