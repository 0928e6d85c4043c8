"""The CloudFormation types of SageMaker, for MiniStack's CloudFormation.

MiniStack has no interface for further types. What is used of its inside is named in `register`
and nowhere else: the table of types, and the `create`, `update` and `delete` that an entry has.
"""

import secrets
import string
from collections.abc import Callable
from typing import Any

from local_cloud.api_description import Document, SageMakerError
from local_cloud.sagemaker import SageMaker

Created = tuple[str, Document]  # what Ref gives, and what Fn::GetAtt gives
Delete = Callable[[str, Document], None]
KINDS = ("Model", "EndpointConfig", "Endpoint")


def register(
    handlers: dict[str, Any],
    sagemaker: Callable[[], SageMaker],
    holds_objects: Callable[[str], bool],
) -> None:
    """Add the types to MiniStack's `_RESOURCE_HANDLERS`.

    `sagemaker` returns the SageMaker of the account and region of the current request;
    `holds_objects` tells whether a bucket has an object, or a version of one.
    """
    handlers["AWS::S3::Bucket"]["delete"] = _unless(
        holds_objects, handlers["AWS::S3::Bucket"]["delete"]
    )
    for kind in KINDS:
        resource = _Type(kind, sagemaker)
        handlers[f"AWS::SageMaker::{kind}"] = {
            "create": resource.create,
            "update": resource.update,
            "update_with_logical_id": True,
            "delete": resource.delete,
        }


def _unless(holds_objects: Callable[[str], bool], delete: Delete) -> Delete:
    """Refuse to delete a bucket that is not empty, as AWS does and MiniStack does not."""

    def checked(bucket: str, properties: Document) -> None:
        if holds_objects(bucket):
            raise ValueError(f"The bucket {bucket} you tried to delete is not empty.")
        delete(bucket, properties)

    return checked


class _Type:
    """One resource type; its properties have the names of the API's members."""

    def __init__(self, kind: str, sagemaker: Callable[[], SageMaker]) -> None:
        self.kind = kind
        self.sagemaker = sagemaker
        self.name = f"{kind}Name"

    def create(self, logical_id: str, properties: Document, _stack: str) -> Created:
        sagemaker = self.sagemaker()
        request = {self.name: _generated_name(logical_id), **properties}
        created = _call(sagemaker, f"Create{self.kind}", request)
        arn: str = created[f"{self.kind}Arn"]
        if self.kind == "Endpoint":
            try:
                self._start(request[self.name])
            except ValueError:
                self.delete(arn, request)  # CloudFormation removes what failed to be created
                raise
        return arn, {self.name: request[self.name]}

    def update(
        self, arn: str, old: Document, new: Document, stack: str, logical_id: str
    ) -> Created:
        """Update an endpoint that keeps its name in place; replace anything else.

        CloudFormation deletes what was replaced in its clean-up, since the ARN is another.
        """
        if self.kind != "Endpoint" or old.get(self.name) != new.get(self.name):
            return self.create(logical_id, new, stack)
        name = new.get(self.name) or arn.rpartition("/")[2]
        request = {self.name: name, "EndpointConfigName": new["EndpointConfigName"]}
        _call(self.sagemaker(), "UpdateEndpoint", request)
        self._start(name)
        return arn, {self.name: name}

    def delete(self, arn: str, properties: Document) -> None:
        name = properties.get(self.name) or arn.rpartition("/")[2]
        sagemaker = self.sagemaker()
        serving = sagemaker.servers(name) if self.kind == "Endpoint" else {}
        _call(sagemaker, f"Delete{self.kind}", {self.name: name})
        sagemaker.linger(name, serving)

    def _start(self, name: str) -> None:
        """Wait for the endpoint, as CloudFormation does; a failed one fails the stack."""
        reason = self.sagemaker().start(name).get("FailureReason")
        if reason:
            raise ValueError(reason)


def _call(sagemaker: SageMaker, operation: str, request: Document) -> Document:
    """Call SageMaker; MiniStack wants a ValueError for what fails the stack."""
    try:
        return sagemaker.call(operation, request)
    except SageMakerError as error:
        raise ValueError(str(error)) from error


def _generated_name(logical_id: str) -> str:
    alphabet = string.ascii_lowercase + string.digits
    # A logical id may be 255 long, a name 63.
    return f"{logical_id[:50].lower()}-{''.join(secrets.choice(alphabet) for _ in range(12))}"
