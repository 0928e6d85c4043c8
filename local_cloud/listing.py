"""ListModels, ListEndpointConfigs and ListEndpoints: filtered, sorted, page by page."""

import base64
from collections.abc import Iterable

from botocore.utils import parse_to_aware_datetime

from local_cloud.api_description import Document, SageMakerError

PAGE = 10  # documents, unless the caller says how many

# What orders a document: the member to sort by, its value, and the name where values are equal.
# All are text, so that a token made of them compares with any other.
Key = tuple[str, ...]


def list_page(kind: str, documents: Iterable[Document], request: Document) -> Document:
    """Return the page that a list request asks for, and the token of the next one.

    The token says which document the page ended with, so that a page stays whole when the
    documents before it are deleted meanwhile.

    Raises
    ------
    SageMakerError
        The token is not one that a request with the same `SortBy` was given.
    """
    by = request.get("SortBy", "CreationTime")
    descending = request.get("SortOrder", "Descending") == "Descending"
    found = {
        _key(kind, by, document): document
        for document in documents
        if _matches(kind, document, request)
    }
    keys = sorted(found, reverse=descending)
    if "NextToken" in request:
        last = _parsed(request["NextToken"], by)
        keys = [key for key in keys if (key < last if descending else key > last)]
    size = request.get("MaxResults", PAGE)
    answer: Document = {f"{kind}s": [_summary(kind, found[key]) for key in keys[:size]]}
    if len(keys) > size:
        answer["NextToken"] = _token(keys[size - 1])
    return answer


def _key(kind: str, by: str, document: Document) -> Key:
    name = document[f"{kind}Name"].lower()
    values = {
        "Name": name,
        "CreationTime": f"{document['CreationTime']:.7f}",
        "Status": document.get("EndpointStatus", ""),
    }
    return by, values[by], name


def _matches(kind: str, document: Document, request: Document) -> bool:
    status = document.get("EndpointStatus")
    return (
        request.get("NameContains", "").lower() in document[f"{kind}Name"].lower()
        and request.get("StatusEquals", status) == status
        and all(
            _lies_between(
                document[member], request.get(f"{member}After"), request.get(f"{member}Before")
            )
            for member in ("CreationTime", "LastModifiedTime")
            if member in document
        )
    )


def _lies_between(time: float, after: object, before: object) -> bool:
    if after is not None and time < parse_to_aware_datetime(after).timestamp():
        return False
    return before is None or time < parse_to_aware_datetime(before).timestamp()


def _summary(kind: str, document: Document) -> Document:
    members = [f"{kind}Name", f"{kind}Arn", "CreationTime", "LastModifiedTime", "EndpointStatus"]
    return {member: document[member] for member in members if member in document}


def _token(key: Key) -> str:
    return base64.urlsafe_b64encode("\n".join(key).encode()).decode()


def _parsed(token: str, by: str) -> Key:
    try:
        key = tuple(base64.urlsafe_b64decode(token).decode().split("\n"))
    except ValueError:
        key = ()
    if key[:1] != (by,) or len(key) != 3:
        raise SageMakerError("The NextToken is not one of this list.")
    return key
