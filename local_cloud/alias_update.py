"""An alias with the UpdatePolicy CodeDeployLambdaAliasUpdate, for MiniStack's CloudFormation.

MiniStack moves any alias at once. What is used of its inside is in this file and nowhere else.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from ministack.services import cloudwatch, lambda_svc
from ministack.services.cloudformation import _stacks, stacks
from ministack.services.cloudformation.engine import _parse_template

from local_cloud.api_description import Document
from local_cloud.codedeploy import CodeDeploy, Surroundings

Created = tuple[str, Document]  # what Ref gives, and what Fn::GetAtt gives
ALIAS = "AWS::Lambda::Alias"
ALL_AT_ONCE = "CodeDeployDefault.LambdaAllAtOnce"


def register(handlers: dict[str, Any]) -> CodeDeploy:
    """Add CodeDeploy's types to MiniStack's `_RESOURCE_HANDLERS`; return the service."""
    codedeploy = CodeDeploy(Surroundings(_invoke, _alarm_state))
    for kind in ("Application", "DeploymentGroup"):
        # Nothing to make: a deployment reads the group's properties from the stack.
        create = partial(_create, f"{kind}Name")
        handlers[f"AWS::CodeDeploy::{kind}"] = {
            "create": create,
            "update": partial(_update, create),
            "update_with_logical_id": True,
            "delete": lambda _name, _properties: None,
        }
    handlers[ALIAS]["update"] = partial(_move, codedeploy, handlers[ALIAS]["update"])
    _let_block(ALIAS)
    return codedeploy


def _create(member: str, logical_id: str, properties: Document, stack: str) -> Created:
    return properties.get(member, f"{stack}-{logical_id}"), {}


def _update(
    create: Any, _name: str, _old: Document, new: Document, stack: str, logical_id: str
) -> Created:
    created: Created = create(logical_id, new, stack)
    return created


def _move(
    codedeploy: CodeDeploy, update: Any, arn: str, old: Document, new: Document,
    stack_name: str, logical_id: str,
) -> Created:  # fmt: skip
    """Update an alias; where its version changes and it has the policy, by a deployment."""
    stack = _stacks[stack_name]
    resource = _parse_template(stack["_template_body"])["Resources"].get(logical_id, {})
    policy = resource.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate")
    move: Callable[[], Created] = partial(update, arn, old, new, stack_name, logical_id)
    if not policy or old.get("FunctionVersion") == new.get("FunctionVersion"):
        return move()
    group = _referred(stack, policy["DeploymentGroupName"])["Properties"]
    hook = policy.get("BeforeAllowTrafficHook")
    _say_what_is_skipped(stack, logical_id, group.get("DeploymentConfigName", ALL_AT_ONCE))
    return codedeploy.deploy(group, hook and _referred(stack, hook)["PhysicalResourceId"], move)


def _referred(stack: Document, value: Any) -> Document:
    """Return the resource that an UpdatePolicy's member refers to, as CDK writes it."""
    try:
        resource: Document = stack["_resources"][value["Ref"]]
    except (TypeError, KeyError) as error:
        raise ValueError(f"{value} is no Ref to a resource, and only that is read here.") from error
    return resource


def _say_what_is_skipped(stack: Document, logical_id: str, config: str) -> None:
    if config != ALL_AT_ONCE:
        stacks._add_event(
            stack["StackId"], stack["StackName"], logical_id, ALIAS, "UPDATE_IN_PROGRESS",
            f"{config}: the local cloud skips its wait and gives all requests to the new version "
            "at once, after the smoke test.",
        )  # fmt: skip


def _let_block(kind: str) -> None:
    """Let a type's handler wait: for a hook that asks this very server."""
    blocking = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda other: other == kind or blocking(other)


def _invoke(function: str, event: Document) -> str:
    record, config, _ = lambda_svc._get_func_record_for_ref(function)
    if record is None:
        raise ValueError(f"The hook {function} is not there.")
    run = lambda_svc._execution_record_for_config(record, config)
    result = lambda_svc._execute_function_with_config_scope(run, event)
    return str(result.get("log", ""))


def _alarm_state(name: str) -> str | None:
    alarm = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)
    return alarm["StateValue"] if alarm else None
