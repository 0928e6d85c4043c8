"""What settings may not be together, each with what to set instead."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stacks.settings import Settings

# Instance families with disks inside: m5d, c6gd, g4dn, ... by the d, and the rest by name.
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-store-volumes.html
LOCAL_DISKS = re.compile(r"ml\.([a-z]+\d+[a-z]*d[a-z]*|(g5|g6|g7|gr6|p5|p6|i\d|trn)[a-z0-9]*)\.")


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
        "watch_seconds",
        lambda s: 0 < s.watch_seconds < 180,
        "The alarms need two bad minutes of three; use 180 to 1800, or 0 to watch nothing",
    ),
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
    Rule(
        "capture_percent",
        lambda s: s.serverless and s.capture_percent > 0,
        "SageMaker captures nothing of a serverless endpoint; set capture_percent=0",
    ),
    Rule(
        "night_until",
        lambda s: (s.night_from is None) != (s.night_until is None),
        "A night has both hours: set night_from and night_until, or neither",
    ),
    Rule(
        "night_until",
        lambda s: s.night_from is not None and s.night_from == s.night_until,
        "A night ends at another hour than night_from",
    ),
    Rule(
        "night_from",
        lambda s: s.night_from is not None and (s.instance_count == 1 or not s.max_instances),
        "A night is for autoscaling from 2 instances on; raise instance_count and max_instances, "
        "or set serverless, which costs nothing while nobody asks",
    ),
    Rule(
        "instance_type",
        lambda s: s.own_key and not s.serverless and bool(LOCAL_DISKS.match(s.instance_type)),
        "SageMaker takes no own_key for the disks inside such an instance, which encrypts them "
        "itself; use a type without them, as ml.m4.xlarge or ml.m5.large",
    ),
    Rule(
        "cors_origins",
        lambda s: "*" in s.cors_origins and len(s.cors_origins) > 1,
        "`*` is all of them; name either `*` or origins",
    ),
    Rule(
        "certificate_arn",
        lambda s: bool(s.domain_name) != bool(s.certificate_arn),
        "domain_name and certificate_arn go together: name both, or neither",
    ),
    Rule(
        "firewall_rate",
        lambda s: s.firewall and s.auth == "key" and s.firewall_rate < s.key_rate * 300,
        "A key may do key_rate a second, and that is more in 5 minutes; raise it, or lower "
        "key_rate",
    ),
    Rule(
        "private_network",
        lambda s: s.serverless and s.private_network,
        "SageMaker puts no serverless endpoint into a network; set private_network=false",
    ),
]
