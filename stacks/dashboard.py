"""One page for one look: is it up, is it fast, is it right, what does it cost."""

from aws_cdk import Duration, aws_cloudwatch, aws_logs
from aws_cdk.aws_cloudwatch import GraphWidget, LogQueryWidget, SingleValueWidget, TextWidget
from constructs import Construct

from stacks.capacity import HOURS, of_settings
from stacks.metrics import P50, P99, SUM, Metrics, percent
from stacks.settings import Settings

WIDTH = 24  # of a row, in the dashboard's units
# For every release that answered in the time shown, so that a new one lies beside the old.
BRANDS = [
    "filter Answers = 1",
    "stats count(*) as answers, avg(100 * Unconfident) as unconfident_percent by release, brand",
    "sort answers desc",
]


class Dashboard(Construct):
    """A row a question; the name is that of the stage."""

    def __init__(
        self, scope: Construct, name: str, *, metrics: Metrics, logs: aws_logs.ILogGroup,
        alarms: list[aws_cloudwatch.Alarm], settings: Settings,
    ) -> None:  # fmt: skip
        super().__init__(scope, name)
        aws_cloudwatch.Dashboard(
            self,
            "Page",
            dashboard_name=f"chicklearning-{settings.stage}",
            default_interval=Duration.days(1),
            widgets=[
                [_title("Is it up?")], _up(metrics, alarms),
                [_title("Is it fast?")], _fast(metrics),
                [_title("Is it right?")], _right(metrics, logs),
                [_title("What does it cost?")], _cost(metrics, settings),
            ],
        )  # fmt: skip


def _title(question: str) -> TextWidget:
    return TextWidget(markdown=f"## {question}", width=WIDTH, height=1)


def _up(metrics: Metrics, alarms: list[aws_cloudwatch.Alarm]) -> list[aws_cloudwatch.IWidget]:
    errors = percent(metrics.api.metric_server_error(statistic=SUM), metrics.api.metric_count())
    return [
        aws_cloudwatch.AlarmStatusWidget(title="Alarms", alarms=alarms, width=12, height=4),
        GraphWidget(
            title="Requests, and the share that failed",
            left=[metrics.api.metric_count(label="requests")],
            right=[errors.with_(label="status 500 and above, %")],
            right_y_axis=aws_cloudwatch.YAxisProps(min=0, max=100, show_units=False),
            width=12,
            height=4,
        ),
    ]


def _fast(metrics: Metrics) -> list[aws_cloudwatch.IWidget]:
    container = aws_cloudwatch.MathExpression(
        expression="latency / 1000",  # microseconds to milliseconds
        using_metrics={"latency": metrics.endpoint("ModelLatency", P99)},
        label="container p99",
    )
    return [
        GraphWidget(
            title="Request -> answer, ms",
            left=[
                metrics.api.metric_latency(statistic=P50, label="p50"),
                metrics.api.metric_latency(statistic=P99, label="p99"),
            ],
            width=12,
        ),
        GraphWidget(
            title="Its steps, ms",
            left=[
                metrics.by_stage("ExtractMs", P99).with_(label="photo to features p99"),
                metrics.by_stage("EndpointMs", P99).with_(label="endpoint p99"),
                container,
            ],
            width=12,
        ),
    ]


def _right(metrics: Metrics, logs: aws_logs.ILogGroup) -> list[aws_cloudwatch.IWidget]:
    unconfident = percent(metrics.by_release("Unconfident"), metrics.by_release("Answers"))
    return [
        GraphWidget(
            title="Of the release that serves",
            left=[unconfident.with_(label="unconfident, %", period=Duration.hours(1))],
            left_y_axis=aws_cloudwatch.YAxisProps(min=0, max=100, show_units=False),
            right=[metrics.by_stage("OtherRelease").with_(label="answers of another release")],
            width=12,
        ),
        LogQueryWidget(
            title="Brands by release",
            log_group_names=[logs.log_group_name],
            query_lines=BRANDS,
            view=aws_cloudwatch.LogQueryVisualizationType.TABLE,
            width=12,
        ),
    ]


def _cost(metrics: Metrics, settings: Settings) -> list[aws_cloudwatch.IWidget]:
    gigabyte_seconds = aws_cloudwatch.MathExpression(
        expression=f"milliseconds / 1000 * {settings.lambda_memory} / 1024",
        using_metrics={"milliseconds": metrics.live.metric_duration(statistic=SUM)},
        label="Lambda, GB-seconds",
    )
    return [
        TextWidget(markdown=_standing(settings), width=8, height=3),
        SingleValueWidget(
            title="By use, in the time shown",
            metrics=[
                metrics.api.metric_count(label="requests"),
                metrics.endpoint("Invocations").with_(label="rows scored"),
                gigabyte_seconds,
            ],
            set_period_to_time_range=True,
            width=16,
            height=3,
        ),
    ]


def _standing(settings: Settings) -> str:
    """Say what is billed for being there."""
    if settings.serverless:
        return f"**No instance**: serverless, {settings.serverless_memory} MB. All is by use."
    fleet = of_settings(settings)
    hours, count = f"{fleet.hours:,.0f}", f"{fleet.least}"
    if fleet.most > fleet.least:
        hours, count = f"{hours} to {fleet.most * HOURS:,}", f"{count} to {fleet.most}"
    return (
        f"**{hours} instance hours a month**: {count} x {fleet.kind}{fleet.at_night}, asked or "
        "not. The rest is by use."
    )
