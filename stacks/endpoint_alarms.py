"""What tells that an endpoint serves badly: it fails, or it is slow."""

from aws_cdk import aws_cloudwatch
from constructs import Construct

from stacks.metrics import endpoint_metric
from stacks.watch import Watch, alarm

# Shared by both: two of three minutes, so that one bad request in a quiet minute is no alarm, and
# an update of the instances, which watches for three minutes or more, is taken back in time.
HITS, PERIODS = 2, 3


class EndpointAlarms(Construct):
    """Watches the variant of one release; the names end with its id.

    So a new release brings alarms of its own, and the old endpoint keeps its until it goes. The
    names are plain text, not references: the endpoint waits for its alarms, since it rolls an
    update of its instances back on them.
    """

    def __init__(
        self, scope: Construct, name: str, *, endpoint_name: str, variant: str, stage: str
    ) -> None:
        super().__init__(scope, name)
        self.all = [
            alarm(self, anchor, watch, stage, of=variant)
            for anchor, watch in _table(endpoint_name, variant).items()
        ]


def _table(endpoint_name: str, variant: str) -> dict[str, Watch]:
    """Map the section of the runbook to what is watched."""

    def average(metric: str) -> aws_cloudwatch.Metric:
        return endpoint_metric(metric, aws_cloudwatch.Stats.AVERAGE, endpoint_name, variant)

    return {
        "endpoint-errors": Watch(
            average("Invocation5XXErrors"), 1, 0.05, "Count",
            "For each request, on average: the container takes every row that the Lambda sends, "
            "and one failure in twenty is no accident.",
            HITS, PERIODS,
        ),
        "model-latency": Watch(
            average("ModelLatency"), 1, 500_000, "Microseconds",
            "The container scores a row in a few milliseconds; half a second on average is a "
            "queue in front of it.",
            HITS, PERIODS,
        ),
    }  # fmt: skip
