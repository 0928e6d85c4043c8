"""SageMaker's requests, held to botocore's own description of the API.

So a misnamed member, or an instance type that does not exist, fails here as it fails on AWS.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import OperationModel, OperationNotFoundError, Shape
from botocore.validate import ParamValidator

Document = dict[str, Any]


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
        A member is unknown, missing, of a wrong type, or not one of the values allowed.
    """
    try:
        shape = _operation(operation).input_shape
    except OperationNotFoundError as error:
        raise SageMakerError(str(error), "UnknownOperationException") from error
    report = ParamValidator().validate(request, shape)
    faults = (
        [report.generate_report()] if report.has_errors() else list(_wrong_values(request, shape))
    )
    if faults:
        raise SageMakerError("; ".join(faults))


@cache
def _service() -> Any:
    return botocore.session.get_session().get_service_model("sagemaker")


def _operation(name: str) -> OperationModel:
    return _service().operation_model(name)


def _wrong_values(value: Any, shape: Shape) -> Iterator[str]:
    """Yield what is none of an enumeration's values, which botocore leaves to the service."""
    if shape.type_name == "structure":
        for name, member in value.items():
            yield from _wrong_values(member, shape.members[name])
    elif shape.type_name == "list":
        for member in value:
            yield from _wrong_values(member, shape.member)
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        yield (
            f"Value '{value}' failed to satisfy constraint: Member must satisfy enum value set: "
            f"[{', '.join(shape.enum)}]"
        )
