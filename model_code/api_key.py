"""The API key, from the environment alone: a command line is in the shell's history and in `ps`."""

import os
import re
from urllib.parse import urlsplit

from model_code.errors import UserError

VARIABLE = "CHICKLEARNING_API_KEY"
KEY_HELP = (
    f"If the API wants a key, put it into the environment variable {VARIABLE}. Whoever deployed "
    "the API reads it with: aws apigateway get-api-key --include-value --query value "
    "--output text --api-key <the stack's output ApiKeyId...>"
)
KEY = re.compile(r"[!-~]+")  # what a header's value takes without a space
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def key_header(url: str) -> dict[str, str]:
    """Return the header with the key for a request to `url`, or none where there is no key.

    Raises
    ------
    UserError
        It cannot be a key, or `url` would carry it unencrypted. The key itself is never told.
    """
    key = os.environ.get(VARIABLE, "").strip()
    if not key:
        return {}
    if not KEY.fullmatch(key):
        raise UserError(f"What {VARIABLE} holds is not an API key. {KEY_HELP}")
    if not url.startswith("https://") and _host(url) not in LOOPBACK:
        raise UserError(
            f"{url} would carry the key of {VARIABLE} unencrypted. Use https://, or unset it."
        )
    return {"x-api-key": key}


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError as error:  # a bracket that opens no address
        raise UserError(f"{url} is not the URL of an API: {error}.") from error
