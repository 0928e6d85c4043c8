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


RULES = [
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
]
