"""CloudFormation types and properties that the local cloud takes without doing what they say.

A stage's template deploys then, and whoever deploys it is told what was not tried.
"""

import secrets
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from local_cloud.api_description import Document

SAID = "Accepted, not emulated:"

# type -> what does not happen here
ENDPOINT_TYPES = {
    "AWS::ApplicationAutoScaling::ScalableTarget": "the number of instances stays as it is",
    "AWS::ApplicationAutoScaling::ScalingPolicy": "no instance is added or removed",
    "AWS::EC2::SecurityGroupEgress": "nobody is kept from talking to anybody",
    "AWS::EC2::SecurityGroupIngress": "nobody is kept from talking to anybody",
}
GATEWAY_TYPES = {
    "AWS::WAFv2::WebACLAssociation": "the firewall is there, but lets everything through",
}

# type -> property -> what does not happen here
PROPERTIES = {
    "AWS::ApiGateway::Stage": {"AccessLogSetting": "no access log is written"},
    "AWS::CloudWatch::Alarm": {"Metrics": "its state is never computed, but can be set"},
    "AWS::Lambda::Function": {
        "TracingConfig": "nothing is traced",
        "VpcConfig": "the function runs in this machine's network",
    },
    "AWS::Logs::LogGroup": {"KmsKeyId": "the log is not encrypted"},
    "AWS::SageMaker::Endpoint": {
        "DeploymentConfig": "an update is live at once, and no alarm takes it back",
    },
    "AWS::SageMaker::EndpointConfig": {
        "DataCaptureConfig": "no row is captured",
        "KmsKeyId": "nothing is encrypted",
    },
    "AWS::SageMaker::Model": {"VpcConfig": "the container runs in this machine's network"},
}


def accept(handlers: dict[str, Any], types: dict[str, str]) -> None:
    """Add types to MiniStack's `_RESOURCE_HANDLERS`; each says aloud what it leaves out."""
    for name, missing in types.items():
        handlers[name] = {"create": _Accepted(name, missing).create, "delete": _forget}


def tell(handlers: dict[str, Any]) -> None:
    """Let the types of `PROPERTIES` say aloud which of theirs they leave out."""
    for name, missing in PROPERTIES.items():
        create = handlers[name]["create"]
        handlers[name]["create"] = partial(_create_and_tell, create, name, missing)


def _create_and_tell(
    create: Callable[..., Any], name: str, missing: dict[str, str],
    logical_id: str, properties: Document, stack: str,
) -> Any:  # fmt: skip
    for member in missing.keys() & properties.keys():
        _say(f"{name}.{member}", stack, logical_id, missing[member])
    return create(logical_id, properties, stack)


def _say(what: str, stack: str, logical_id: str, missing: str) -> None:
    print(
        f"{SAID} {what} ({stack}/{logical_id}): {missing}.",
        file=sys.stderr,
        flush=True,
    )


class _Accepted:
    """One type, of which nothing but a name is made."""

    def __init__(self, name: str, missing: str) -> None:
        self.name = name
        self.missing = missing

    def create(self, logical_id: str, _properties: Document, stack: str) -> tuple[str, Document]:
        _say(self.name, stack, logical_id, self.missing)
        return f"{logical_id[:50]}-{secrets.token_hex(6)}", {}


def _forget(_physical_id: str, _properties: Document) -> None:
    """Delete what was never there."""
