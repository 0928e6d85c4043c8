"""What a synthesized stage costs a month, line by line."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from stacks.capacity import HOURS, Instances, of_template
from stacks.capture import EXPIRE_CAPTURED
from stacks.prices import INSTANCE_HOUR, PRICES, Price

DAYS = 365 / 12
GB = 1e9
RELEASE_GB = 0.004  # a release with its network: 3.5 MB, and its photos
ALARM = "AWS::CloudWatch::Alarm"
LOG_BYTES = 1000  # a request: our line, and Lambda's START, END and REPORT
ACCESS_LOG_BYTES = 600  # a request, where the gateway writes a line too
ROW_BYTES = 10_000  # to the endpoint and back: 800 values as text
STAGE = "AWS::ApiGateway::Stage"
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
    gateway = any("AccessLogSetting" in stage for stage in _of_type(templates, STAGE))
    logs = traffic.photos * (LOG_BYTES + ACCESS_LOG_BYTES * gateway) / GB
    days = max(group["RetentionInDays"] for group in _of_type(templates, "AWS::Logs::LogGroup"))
    memory = max(f["MemorySize"] for f in _of_type(templates, "AWS::Lambda::Function")) / 1024
    yield line("API Gateway", million, "million API requests")
    yield line("Lambda requests", million, "million Lambda requests")
    yield line("Lambda time", traffic.photos * traffic.lambda_ms / 1e3 * memory, "Lambda GB-second")
    yield line("Endpoint data", traffic.photos * ROW_BYTES / GB, "endpoint GB")
    yield line("Logs written", logs, "log GB in")
    yield line("Logs kept", logs * days / DAYS, "log GB-month")
    yield line("Release kept", RELEASE_GB, "S3 GB-month")
    yield from _lines_of_settings(templates, traffic, region)


def _lines_of_settings(
    templates: list[dict[str, Any]], traffic: Traffic, region: str
) -> Iterator[Line]:
    """Yield what not every stage has, where this one has it."""
    walls = _of_type(templates, "AWS::WAFv2::WebACL")
    doors = _doors(templates)
    through = traffic.photos * ROW_BYTES / GB if doors else 0
    counted = {
        ("Captured rows", "S3 GB-month"): _captured(templates, traffic),
        ("Private network", "VPC endpoint hour"): doors * HOURS,
        ("Private network's data", "VPC endpoint GB"): through,
        ("Alarms", "alarm metric"): sum(map(_metrics, _of_type(templates, ALARM))),
        ("Dashboard", "dashboard"): len(_of_type(templates, "AWS::CloudWatch::Dashboard")),
        ("Keys", "key"): len(_of_type(templates, "AWS::KMS::Key")),
        ("Firewall", "web ACL"): len(walls),
        ("Firewall rules", "firewall rule"): sum(len(wall["Rules"]) for wall in walls),
        ("Firewall requests", "million firewall requests"): len(walls) * traffic.photos / 1e6,
    }
    for (what, unit), quantity in counted.items():
        if quantity:
            yield Line(what, quantity, unit, PRICES[unit].get(region))


def _doors(templates: list[dict[str, Any]]) -> int:
    """Count the network's ways to AWS's services; each zone of one is paid, S3's is not."""
    endpoints = _of_type(templates, "AWS::EC2::VPCEndpoint")
    return sum(len(e["SubnetIds"]) for e in endpoints if e["VpcEndpointType"] == "Interface")


def _captured(templates: list[dict[str, Any]], traffic: Traffic) -> float:
    """Return the GB of captured rows that lie in the bucket, once the first ones expire."""
    (config,) = _of_type(templates, "AWS::SageMaker::EndpointConfig") or [{}]
    if "DataCaptureConfig" not in config:
        return 0
    share = config["DataCaptureConfig"]["InitialSamplingPercentage"] / 100
    buckets = _of_type(templates, "AWS::S3::Bucket")
    rules = [r for b in buckets for r in b.get("LifecycleConfiguration", {}).get("Rules", [])]
    (days,) = [rule["ExpirationInDays"] for rule in rules if rule.get("Id") == EXPIRE_CAPTURED]
    return float(traffic.photos_a_day * share * ROW_BYTES * days / GB)


def instance_line(instances: Instances, region: str, hour: float | None = None) -> Line:
    """Return the line of what is always there; `hour` is a price that the caller knows better."""
    kind = instances.kind
    price = INSTANCE_HOUR.get(kind, {}).get(region) if hour is None else Price(hour, "as given")
    return Line(f"{instances.least} x {kind}", instances.hours, f"{kind} hour", price)


def serverless_line(memory: int, traffic: Traffic, region: str) -> Line:
    """Return the serverless endpoint's line; `memory` in MB."""
    quantity = traffic.photos * traffic.endpoint_ms / 1e3 * memory / 1024
    unit = "serverless GB-second"
    return Line(f"serverless, {memory} MB", quantity, unit, PRICES[unit].get(region))


def is_whole(templates: list[dict[str, Any]]) -> bool:
    """Say whether there is a bucket and an endpoint; `release=none` makes a stage without one."""
    return all(
        _of_type(templates, kind) for kind in ("AWS::S3::Bucket", "AWS::SageMaker::EndpointConfig")
    )


def variant(templates: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how the stage's endpoint is served."""
    (config,) = _of_type(templates, "AWS::SageMaker::EndpointConfig")
    found: dict[str, Any] = config["ProductionVariants"][0]
    return found


def instances(templates: list[dict[str, Any]]) -> Instances:
    """Return the instances of a stage that has some."""
    targets = _of_type(templates, "AWS::ApplicationAutoScaling::ScalableTarget")
    return of_template(variant(templates), targets)


def _metrics(alarm: dict[str, Any]) -> int:
    """Return how many metrics an alarm looks at, which is what it is billed by.

    https://aws.amazon.com/cloudwatch/pricing/
    """
    return sum("MetricStat" in metric for metric in alarm.get("Metrics", [])) or 1


def _of_type(templates: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    resources = [r for template in templates for r in template.get("Resources", {}).values()]
    return [resource.get("Properties", {}) for resource in resources if resource["Type"] == kind]
