"""Which role may do what, read from synthesized templates: the rows of `docs/access.md`."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from stacks.reasons import flat

HASH = re.compile(r"[0-9A-F]{8}\b")  # what CDK ends a logical id with
IMPORT = re.compile(r"[\w-]+:ExportsOutput(?:FnGetAtt|Ref)(\w+?)[0-9A-F]{8}(\w*?)[0-9A-F]{8}")


class Access(NamedTuple):
    """One statement of a role's policy, without what differs by account, region and stage."""

    role: str
    service: str  # who takes the role on
    sid: str  # of the statement; its first action where it has none
    actions: tuple[str, ...]
    resources: tuple[str, ...]


def accesses(template: dict[str, Any], stage: str, region: str) -> Iterator[Access]:
    """Yield each statement of each role of a template."""
    resources = template["Resources"]
    for role, properties in _of_type(resources, "AWS::IAM::Role"):
        for arn in properties.get("ManagedPolicyArns", []):
            yield _access(role, properties, _managed(arn), stage, region)
        for policy in properties.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield _access(role, properties, statement, stage, region)
    for _, policy in _of_type(resources, "AWS::IAM::Policy"):
        for reference in policy["Roles"]:
            properties = resources[reference["Ref"]]["Properties"]
            for statement in policy["PolicyDocument"]["Statement"]:
                yield _access(reference["Ref"], properties, statement, stage, region)


def _of_type(resources: dict[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in resources.items():
        if resource["Type"] == kind:
            yield name, resource["Properties"]


def _managed(arn: Any) -> dict[str, Any]:
    return {"Action": "(AWS's managed policy)", "Resource": arn, "Effect": "Allow"}


def _access(
    role: str, properties: dict[str, Any], statement: dict[str, Any], stage: str, region: str
) -> Access:
    trust = properties["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    actions = _list(statement["Action"])
    resources = sorted(_neutral(flat(r), stage, region) for r in _list(statement["Resource"]))
    refusal = "not: " if statement["Effect"] == "Deny" else ""
    return Access(
        role=HASH.sub("", role),
        service=", ".join(map(flat, _list(trust["Service"]))),
        sid=statement.get("Sid", actions[0]),
        actions=tuple(refusal + action for action in actions),
        resources=tuple(resources),
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _neutral(arn: str, stage: str, region: str) -> str:
    """Put placeholders for what is another in each account, region and stage."""
    arn = IMPORT.sub(lambda found: f"<{found[1]}.{found[2] or 'Ref'}>", arn)
    arn = re.sub(r"<(\w+?)[0-9A-F]{8}(\.\w+)?>", r"<\1\2>", arn)
    arn = arn.replace("<AWS::AccountId>", "<account>").replace("<AWS::Region>", "<region>")
    arn = arn.replace("<AWS::Partition>", "<partition>").replace("arn:aws:", "arn:<partition>:")
    return re.sub(rf"-{stage}\b", "-<stage>", arn.replace(region, "<region>"))
