"""How many instances a stage has, and for how many hours of a month they are billed."""

from typing import Any, NamedTuple

from stacks.settings import Settings

HOURS = 730  # a month


class Instances(NamedTuple):
    """What is there whether anybody asks or not, and what autoscaling may add to it."""

    kind: str
    least: int
    most: int  # the same where nothing scales
    night: tuple[int, int] | None = None  # hours of the day, UTC, between which one is enough

    @property
    def hours(self) -> float:
        """Instance hours a month while autoscaling adds none."""
        asleep = 0 if self.night is None else (self.night[1] - self.night[0]) % 24
        return HOURS / 24 * (self.least * (24 - asleep) + asleep)

    @property
    def at_night(self) -> str:
        """Say it, or nothing."""
        return "" if self.night is None else " (1 or more from {} to {} UTC)".format(*self.night)


def of_settings(settings: Settings) -> Instances:
    """Return what a stage has, or would have if it were not serverless."""
    most = max(settings.instance_count, settings.max_instances)
    night = None
    if settings.night_from is not None and settings.night_until is not None:
        night = settings.night_from, settings.night_until
    return Instances(settings.instance_type, settings.instance_count, most, night)


def of_template(variant: dict[str, Any], targets: list[dict[str, Any]]) -> Instances:
    """Read a synthesized variant, and what scales it, if anything does."""
    kind, count = variant["InstanceType"], variant["InitialInstanceCount"]
    if not targets:
        return Instances(kind, count, count)
    (target,) = targets
    # Two crons, `cron(0 <hour> * * ? *)`: stacks/scaling.py writes them, the night's first.
    hours = [int(action["Schedule"].split()[1]) for action in target.get("ScheduledActions", [])]
    night = (hours[0], hours[1]) if hours else None
    return Instances(kind, target["MinCapacity"], target["MaxCapacity"], night)
