"""The alarms of one stage: each with its threshold, unit and reason, all in one table."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch, aws_cloudwatch_actions, aws_sns
from constructs import Construct

from model_code.release import Release
from stacks.metrics import P99, SUM, Metrics, percent
from stacks.settings import Settings
from stacks.watch import Watch, alarm


class Alarms(Construct):
    """All alarms, those of the endpoint too; `rollback` take a release back while it goes live.

    They tell an existing topic: it is shared by stages and stacks and leads to whoever is on
    call, and a topic of this stack would take its subscriptions with it when it is destroyed.
    Without a topic the alarms still show on the dashboard and still roll back.
    """

    def __init__(
        self, scope: Construct, name: str, *, metrics: Metrics, release: Release,
        settings: Settings, of_endpoint: Sequence[aws_cloudwatch.Alarm],
    ) -> None:  # fmt: skip
        super().__init__(scope, name)
        table = _table(metrics, _too_unconfident(release))
        alarms = {
            anchor: alarm(self, anchor, watch, settings.stage) for anchor, watch in table.items()
        }
        self.all = [*alarms.values(), *of_endpoint]
        self.rollback: list[aws_cloudwatch.IAlarm] = [
            alarms[anchor] for anchor, watch in table.items() if watch.rolls_back
        ]
        if settings.alarm_topic_arn:
            topic = aws_sns.Topic.from_topic_arn(self, "Topic", settings.alarm_topic_arn)
            action = aws_cloudwatch_actions.SnsAction(topic)
            for each in self.all:
                each.add_alarm_action(action)
                each.add_ok_action(action)  # that it is over is worth a message too


def _table(metrics: Metrics, too_unconfident: float) -> dict[str, Watch]:
    """Map the section of the runbook to what is watched."""
    return {
        "api-errors": Watch(
            percent(
                metrics.api.metric_server_error(statistic=SUM), metrics.api.metric_count(),
                where="part >= 3",
            ), 5, 5, "Percent",
            "One failure in twenty is more than a passing fault; fewer than three failures in "
            "five minutes are too few for a share.",
            rolls_back=True,
        ),
        "api-latency": Watch(
            metrics.api.metric_latency(statistic=P99), 1, 5_000, "Milliseconds",
            "A cold start takes one to three seconds, an endpoint's lost try eight; three such "
            "minutes of five are no chance.",
            hits=3, periods=5, rolls_back=True,
        ),
        "lambda-errors": Watch(
            metrics.live.metric_errors(), 5, 0, "Count",
            "The handler answers whatever happens, so one error is a crash, a timeout or a "
            "bundle that does not load.",
            rolls_back=True,
        ),
        "lambda-throttles": Watch(
            metrics.live.metric_throttles(), 5, 0, "Count",
            "The gateway's limit stays below what Lambda runs at once in an account, so "
            "something else has used that up, or it was lowered.",
        ),
        "other-release": Watch(
            metrics.by_stage("OtherRelease"), 5, 0, "Count",
            "A Lambda must never reach another release's endpoint; each such answer was dropped.",
            rolls_back=True,
        ),
        "unconfident": Watch(
            percent(
                metrics.by_release("Unconfident"), metrics.by_release("Answers"),
                where="whole >= 20",
            ), 60, too_unconfident, "Percent",
            "Halfway between the share in the release's held-out photos and all; fewer than 20 "
            "answers in the hour are too few for a share.",
            rolls_back=True,
        ),
    }  # fmt: skip


def _too_unconfident(release: Release) -> float:
    """Return a percentage that a working release does not reach."""
    expected: float = 1 - release.metrics["test"]["confident"]["share"]
    return round(100 * (expected + 1) / 2, 1)
