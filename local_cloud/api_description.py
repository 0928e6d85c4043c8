"""SageMaker's requests, held to botocore's own description of the API.

So a misnamed member, a name that breaks its pattern, or an instance type that does not exist
fails here as it fails on AWS.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import Shape
from botocore.validate import ParamValidator

Document = dict[str, Any]

# Java's classes of characters that Python lacks. Letters and digits together are Python's \w;
# its underscore is in every class that the API uses them in.
UNICODE_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": " \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}


class SageMakerError(Exception):
    """An error as the API gives it."""

    def __init__(self, message: str, code: str = "ValidationException") -> None:
        super().__init__(message)
        self.code = code


def check_request(operation: str, request: Document) -> None:
    """Hold a request to the API's description.

    Raises
    ------
    SageMakerError
        A member is unknown, missing, of a wrong type, too long, or not a value that is allowed.
    """
    shape = _service().operation_model(operation).input_shape
    report = ParamValidator().validate(request, shape)
    if report.has_errors():
        raise SageMakerError(report.generate_report())
    faults = list(_faults(request, shape, ""))
    if faults:
        count = f"{len(faults)} validation error{'s' if len(faults) > 1 else ''}"
        raise SageMakerError(f"{count} detected: {'; '.join(faults)}")


@cache
def _service() -> Any:
    return botocore.session.get_session().get_service_model("sagemaker")


def _faults(value: Any, shape: Shape, place: str) -> Iterator[str]:
    """Yield what breaks a constraint that botocore leaves to the service, in its words."""
    demand = _unmet(value, shape)
    if demand:
        yield f"Value '{value}' at '{place}' failed to satisfy constraint: Member must {demand}"
    for step, member, member_shape in _members(value, shape):
        yield from _faults(member, member_shape, f"{place}.{step}" if place else step)


def _members(value: Any, shape: Shape) -> Iterator[tuple[str, Any, Shape]]:
    if shape.type_name == "structure":
        for name, member in value.items():
            yield name[0].lower() + name[1:], member, shape.members[name]
    elif shape.type_name == "list":
        for number, member in enumerate(value, 1):
            yield f"{number}.member", member, shape.member
    elif shape.type_name == "map":
        for key, member in value.items():
            yield f"{key}.key", key, shape.key
            yield f"{key}.value", member, shape.value


def _unmet(value: Any, shape: Shape) -> str | None:
    most, pattern = shape.metadata.get("max"), shape.metadata.get("pattern")
    if most is not None and shape.type_name in ("integer", "long", "float", "double"):
        return f"have value less than or equal to {most}" if value > most else None
    if most is not None and len(value) > most:
        return f"have length less than or equal to {most}"
    if shape.type_name != "string":
        return None
    if shape.enum and value not in shape.enum:
        return f"satisfy enum value set: [{', '.join(shape.enum)}]"
    if pattern and not _compiled(pattern).fullmatch(value):
        return f"satisfy regular expression pattern: {pattern}"
    return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    for java, python in UNICODE_CLASSES.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern)
