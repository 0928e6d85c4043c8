"""CloudFormation types that the local cloud takes without doing what they say.

A stage's template deploys then, and whoever deploys it is told what was not tried.
"""

import secrets
import sys
from typing import Any

from local_cloud.api_description import Document

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


def accept(handlers: dict[str, Any], types: dict[str, str]) -> None:
    """Add types to MiniStack's `_RESOURCE_HANDLERS`; each says aloud what it leaves out."""
    for name, missing in types.items():
        handlers[name] = {"create": _Accepted(name, missing).create, "delete": _forget}


class _Accepted:
    """One type, of which nothing but a name is made."""

    def __init__(self, name: str, missing: str) -> None:
        self.name = name
        self.missing = missing

    def create(self, logical_id: str, _properties: Document, stack: str) -> tuple[str, Document]:
        print(
            f"Accepted, not emulated: {self.name} ({stack}/{logical_id}): {self.missing}.",
            file=sys.stderr,
            flush=True,
        )
        return f"{logical_id[:50]}-{secrets.token_hex(6)}", {}


def _forget(_physical_id: str, _properties: Document) -> None:
    """Delete what was never there."""
