"""One alarm: what it watches, from which threshold on, in which unit and why."""

from typing import NamedTuple

from aws_cdk import Duration, aws_cloudwatch
from constructs import Construct

RUNBOOK = "docs/alarms.md"


class Watch(NamedTuple):
    """The metric above the threshold in `hits` of `periods` is worth a call."""

    metric: aws_cloudwatch.Metric | aws_cloudwatch.MathExpression
    minutes: int  # of one period; the windows slide by a minute
    threshold: float
    unit: str
    reason: str  # for the threshold
    hits: int = 1
    periods: int = 1
    rolls_back: bool = False  # whether a release that goes live is taken back for it


def alarm(
    scope: Construct, anchor: str, watch: Watch, stage: str, of: str = ""
) -> aws_cloudwatch.Alarm:
    """Create the alarm of the runbook's section `anchor`; `of` is what its name ends with."""
    return aws_cloudwatch.Alarm(
        scope,
        anchor,
        alarm_name=f"chicklearning-{stage}-{anchor}{of and f'-{of}'}",
        alarm_description=f"Above {watch.threshold:,} {watch.unit}. {watch.reason} "
        f"What to do: {RUNBOOK}#{anchor}",
        metric=watch.metric.with_(period=Duration.minutes(watch.minutes)),
        threshold=watch.threshold,
        comparison_operator=aws_cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        datapoints_to_alarm=watch.hits,
        evaluation_periods=watch.periods,
        # No request, no data: nothing is wrong with what nobody asked for.
        treat_missing_data=aws_cloudwatch.TreatMissingData.NOT_BREACHING,
    )
