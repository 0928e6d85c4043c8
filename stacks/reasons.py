"""Why something is as it is although a rule of cdk-nag's AwsSolutions pack objects.

Written beside the resource. The tests fail on a finding without a reason, and on a reason that
no finding needs any more. https://github.com/cdklabs/cdk-nag/blob/main/RULES.md
"""

from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct


def accept(construct: IConstruct, rule: str, reason: str) -> None:
    """Accept one finding (`AwsSolutions-S1`) on a construct and what is in it."""
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))


def accept_wildcards(construct: IConstruct, reason: str, arns: list[str]) -> None:
    """Accept that a policy in `construct` names these ARNs, which have a `*` in them."""
    for arn in arns:
        written = flat(Stack.of(construct).resolve(arn))
        accept(construct, f"AwsSolutions-IAM5[Resource::{written}]", reason)


def flat(value: Any) -> str:
    """Write CloudFormation's functions as one line, the way the ids of cdk-nag's findings do."""
    match value:
        case str():
            return value
        case {"Fn::Join": [delimiter, parts]}:
            return str(delimiter).join(map(flat, parts))
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{resource}.{attribute}>"
        case {"Fn::ImportValue": name}:
            return flat(name)
        case {"Ref": name}:
            return f"<{name}>"
    raise ValueError(f"No way of writing {value} in one line is known here.")
