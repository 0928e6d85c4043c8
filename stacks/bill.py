"""What a synthesized stage costs a month, line by line."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from stacks.prices import INSTANCE_HOUR, PRICES, Price

HOURS = 730  # a month
DAYS = 365 / 12
GB = 1e9
RELEASE_GB = 0.02  # a release with its network: 13.4 MB, and its photos
LOG_BYTES = 1000  # a request: our line, and Lambda's START, END and REPORT
ROW_BYTES = 10_000  # to the endpoint and back: 800 values as text
SERVERLESS_MEMORY = 2048  # MB, where the stage has an instance: what it would be otherwise


class Traffic(NamedTuple):
    """How much is asked, and how long an answer takes."""

    photos_a_day: float
    # ms. Reading and embedding a photo of 640x640 was measured as 25 on one core of a laptop
    # class machine; as much again is for the endpoint's answer, which Lambda is paid to await.
    lambda_ms: float = 50
    endpoint_ms: float = 20  # an assumption: SageMaker adds to the container's few

    @property
    def photos(self) -> float:
        """A month."""
        return self.photos_a_day * DAYS


class Line(NamedTuple):
    """One line of the bill."""

    what: str
    quantity: float
    unit: str
    price: Price | None  # a unit; None: not known for the region

    @property
    def usd(self) -> float | None:
        """A month; None: not known."""
        return None if self.price is None else self.quantity * self.price.usd


def shared_lines(templates: list[dict[str, Any]], traffic: Traffic, region: str) -> Iterator[Line]:
    """Yield what is paid whichever kind of endpoint there is."""

    def line(what: str, quantity: float, unit: str) -> Line:
        return Line(what, quantity, unit, PRICES[unit].get(region))

    million = traffic.photos / 1e6
    logs = traffic.photos * LOG_BYTES / GB
    days = max(group["RetentionInDays"] for group in _of_type(templates, "AWS::Logs::LogGroup"))
    memory = max(f["MemorySize"] for f in _of_type(templates, "AWS::Lambda::Function")) / 1024
    yield line("API Gateway", million, "million API requests")
    yield line("Lambda requests", million, "million Lambda requests")
    yield line("Lambda time", traffic.photos * traffic.lambda_ms / 1e3 * memory, "Lambda GB-second")
    yield line("Endpoint data", traffic.photos * ROW_BYTES / GB, "endpoint GB")
    yield line("Logs written", logs, "log GB in")
    yield line("Logs kept", logs * days / DAYS, "log GB-month")
    yield line("Release kept", RELEASE_GB, "S3 GB-month")
    yield from _fixed_lines(templates, million, region)


def _fixed_lines(templates: list[dict[str, Any]], million: float, region: str) -> Iterator[Line]:
    """Yield what is paid for being there, where the stage has it."""
    walls = _of_type(templates, "AWS::WAFv2::WebACL")
    counted = {
        ("Alarms", "alarm"): len(_of_type(templates, "AWS::CloudWatch::Alarm")),
        ("Dashboard", "dashboard"): len(_of_type(templates, "AWS::CloudWatch::Dashboard")),
        ("Keys", "key"): len(_of_type(templates, "AWS::KMS::Key")),
        ("Firewall", "web ACL"): len(walls),
        ("Firewall rules", "firewall rule"): sum(len(wall["Rules"]) for wall in walls),
        ("Firewall requests", "million firewall requests"): len(walls) * million,
    }
    for (what, unit), quantity in counted.items():
        if quantity:
            yield Line(what, quantity, unit, PRICES[unit].get(region))


def instance_line(kind: str, count: int, region: str, hour: float | None = None) -> Line:
    """Return the instances' line; `hour` is a price that the caller knows better."""
    price = INSTANCE_HOUR.get(kind, {}).get(region) if hour is None else Price(hour, "as given")
    return Line(f"{count} x {kind}", count * HOURS, f"{kind} hour", price)


def serverless_line(memory: int, traffic: Traffic, region: str) -> Line:
    """Return the serverless endpoint's line; `memory` in MB."""
    quantity = traffic.photos * traffic.endpoint_ms / 1e3 * memory / 1024
    unit = "serverless GB-second"
    return Line(f"serverless, {memory} MB", quantity, unit, PRICES[unit].get(region))


def variant(templates: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how the stage's endpoint is served."""
    (config,) = _of_type(templates, "AWS::SageMaker::EndpointConfig")
    found: dict[str, Any] = config["ProductionVariants"][0]
    return found


def _of_type(templates: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    resources = [r for template in templates for r in template["Resources"].values()]
    return [resource.get("Properties", {}) for resource in resources if resource["Type"] == kind]
