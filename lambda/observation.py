"""One line of JSON a request: a log to read, and CloudWatch's metrics in the same line.

CloudWatch takes the metrics out of a line in its embedded metric format, so the Lambda calls no
further API, waits for none and needs no right for it:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from problems import Problem

NAMESPACE = "ChickLearning"
# By release too: while two releases answer, the alarms that roll back look at the new one.
DIMENSIONS = [["stage"], ["stage", "release"]]
UNITS = {
    "Answers": "Count",  # photos that got a brand
    "Errors": "Count",  # answers of status 500 and above: our fault, not the caller's
    "OtherRelease": "Count",  # answers that were dropped because another release gave them
    "Unconfident": "Count",  # of the Answers, those that are not confident
    "InboxMs": "Milliseconds",  # uploads read, feedback written
    "ExtractMs": "Milliseconds",  # photos -> features
    "EndpointMs": "Milliseconds",  # features -> probabilities, with a second try if there was one
    "TotalMs": "Milliseconds",  # event -> answer, without a cold start
}
CAUSE_LENGTH = 300  # characters; a message may quote its input, so it is cut


class Observation:
    """What the line of one request tells.

    Only what is noted by name gets in: never the photo, its EXIF, a header or an address.
    """

    def __init__(self, *, request_id: str, stage: str, release: str, route: str) -> None:
        self._start = time.perf_counter()
        self._facts: dict[str, Any] = {
            "request_id": request_id, "stage": stage, "release": release, "route": route,
        }  # fmt: skip
        self._durations: defaultdict[str, float] = defaultdict(float)
        self._counts: Counter[str] = Counter()

    def note(self, **facts: Any) -> None:
        self._facts |= facts

    def add(self, **amounts: int) -> None:
        """Note sums, where a request holds several of a thing."""
        for name, amount in amounts.items():
            self._facts[name] = self._facts.get(name, 0) + amount

    def count_answer(self, *, confident: bool) -> None:
        """Count a photo that got a brand; a request may hold several."""
        self._counts.update(Answers=1, Unconfident=int(not confident))

    def note_problem(self, problem: Problem) -> None:
        """Tell the kind; of a fault of ours the cause, and of an unforeseen one its stack."""
        self.note(problem=problem.kind)
        cause = problem.__cause__
        if cause and problem.status >= 500:
            self.note(cause=f"{type(cause).__name__}: {cause}"[:CAUSE_LENGTH])
        if cause and problem.kind == "internal":
            self.note(stack="".join(traceback.format_tb(cause.__traceback__)))

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Measure a step, also one that fails; one that is taken again adds to it."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._durations[step] += _ms_since(start)

    def line(self, status: int) -> str:
        """Return the line of a request that was answered with `status`."""
        counts = {
            "Answers": self._counts["Answers"],
            "Errors": int(status >= 500),
            "OtherRelease": int(self._facts.get("problem") == "other-release"),
            "Unconfident": self._counts["Unconfident"],
        }
        measured = {
            **counts,
            **{step: round(ms, 2) for step, ms in self._durations.items()},
            "TotalMs": _ms_since(self._start),
        }
        return json.dumps(
            {**self._facts, "status": status, **measured, "_aws": _metadata(measured)}
        )


def _ms_since(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 2)


def _metadata(measured: dict[str, float]) -> dict[str, Any]:
    """Say which members are metrics; a step that was not reached is none."""
    metrics = [{"Name": name, "Unit": UNITS[name]} for name in measured]
    directive = {"Namespace": NAMESPACE, "Dimensions": DIMENSIONS, "Metrics": metrics}
    return {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]}
