"""Alarms over several metrics, which MiniStack's CloudFormation refuses.

Such an alarm is there under its name and its state can be set, but nothing computes the state.
"""

from collections.abc import Callable
from typing import Any

from local_cloud.api_description import Document

NOT_COMPUTED = {"Namespace": "MetricMathIsNotEmulated", "MetricName": "None"}


def accept_metric_math(alarm: dict[str, Callable[..., Any]]) -> None:
    """Let MiniStack's entry for AWS::CloudWatch::Alarm take `Metrics`."""
    create, update = alarm["create"], alarm["update"]

    def create_any(logical_id: str, properties: Document, stack: str) -> Any:
        return create(logical_id, _single(properties), stack)

    def update_any(name: str, old: Document, new: Document, stack: str, logical_id: str) -> Any:
        return update(name, old, _single(new), stack, logical_id)

    alarm |= {"create": create_any, "update": update_any}


def _single(properties: Document) -> Document:
    """Put a metric that nobody sends in the place of several."""
    if "Metrics" not in properties:
        return properties
    return {n: v for n, v in properties.items() if n != "Metrics"} | NOT_COMPUTED
