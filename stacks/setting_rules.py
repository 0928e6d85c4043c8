"""What settings may not be together, each with what to set instead."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stacks.settings import Settings


class Rule(NamedTuple):
    """A setting, when it is wrong, and what to set instead."""

    setting: str
    broken: Callable[["Settings"], bool]
    instead: str


def _never_scales(settings: "Settings") -> bool:
    """Tell whether the API lets too little through for autoscaling to add an instance."""
    let_through = settings.throttle_rate * 60  # a minute
    enough = settings.requests_per_instance * settings.instance_count
    return settings.max_instances > settings.instance_count and let_through <= enough


RULES = [
    Rule(
        "max_instances",
        lambda s: 0 < s.max_instances < s.instance_count,
        "Use instance_count or more, or 0 for no autoscaling",
    ),
    Rule(
        "requests_per_instance",
        _never_scales,
        "The API never lets that many through to each of instance_count; raise throttle_rate "
        "(a second), lower it, or set max_instances=0",
    ),
    Rule(
        "serverless",
        lambda s: s.serverless and s.max_instances > 0,
        "A serverless endpoint has no instances to scale; set max_instances=0 too",
    ),
]
