"""A multipart form -> the photos in it: https://www.rfc-editor.org/rfc/rfc7578."""

import io
from collections.abc import Mapping
from itertools import islice
from typing import Any

from problems import Problem
from request_body import body_of, header_of

EXPECTED = "Send each photo as a file of the form: curl -F photo=@one.jpg -F photo=@two.jpg"


def photos_in_form(event: Mapping[str, Any], most: int) -> list[bytes]:
    """Return the files of the form, at most one more than `most`, so that too many is seen.

    Raises
    ------
    Problem
        It is not such a form, is cut short, has no file, or has a field that is none.
    """
    # Loaded here: a cold start for a single photo does not pay for it.
    from multipart import MultipartError, MultipartParser, parse_options_header

    body = body_of(event)
    # The parser knows no tab, which HTTP allows where it allows a space.
    _, options = parse_options_header(header_of(event, "content-type").replace("\t", " "))
    parser = MultipartParser(
        io.BytesIO(body),
        options.get("boundary", ""),
        content_length=len(body),
        strict=True,
        # All in memory: a photo is never on a disk here.
        spool_limit=len(body),
        memory_limit=len(body),
        part_limit=most + 1,
    )
    try:
        parts = list(islice(parser, most + 1))
    except (MultipartError, ValueError, AssertionError) as error:
        raise Problem("invalid-multipart", f"The form cannot be read. {EXPECTED}") from error
    if not parts or any(part.filename is None for part in parts):
        raise Problem("invalid-multipart", f"The form has no file, or a field too. {EXPECTED}")
    return [part.raw for part in parts]
