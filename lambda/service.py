"""What the routes work with: made once from the environment, but for the clock, by handler.py."""

from collections.abc import Callable
from typing import Any, NamedTuple

from inbox import Inbox
from model_code.features import Extract
from served_release import ServedRelease


class Service(NamedTuple):
    """One release, its extractor, its endpoint, and where uploads and feedback lie."""

    release: ServedRelease
    extract: Extract
    runtime: Any  # a client of sagemaker-runtime
    endpoint_name: str
    inbox: Inbox
    remaining_ms: Callable[[], int]  # until Lambda ends the request that is answered
