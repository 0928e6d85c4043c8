"""What a stage costs a month: `python -m stacks.cost --stage dev --photos-a-day 1000`."""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from stacks import bill, prices
from stacks.settings import STAGES, settings_of

TEMPLATES = "ChickLearning-{}-*.template.json"
LEFT_OUT = (
    "Not counted: answers sent to the internet, metrics of one's own, X-Ray, taxes, free tiers."
)
console = Console(highlight=False, width=110, soft_wrap=True)


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    given = _parser().parse_args(arguments)
    templates = _read(given.templates, given.stage)
    if not templates:
        print(
            f"error: {given.templates} has no template of stage {given.stage}. "
            f"Make one: make synth STAGE={given.stage}",
            file=sys.stderr,
        )
        return 1
    traffic = bill.Traffic(given.photos_a_day, given.lambda_ms, given.endpoint_ms)
    _show(given, templates, traffic)
    return 0


def _show(given: argparse.Namespace, templates: list[Any], traffic: bill.Traffic) -> None:
    settings = settings_of(given.stage, {})  # what a stage without instances is compared with
    variant = bill.variant(templates)
    kind = variant.get("InstanceType", settings.instance_type)
    count = variant.get("InitialInstanceCount", settings.instance_count)
    memory = variant.get("ServerlessConfig", {}).get("MemorySizeInMB", bill.SERVERLESS_MEMORY)
    instances = bill.instance_line(kind, count, given.region, given.instance_hour)
    serverless = bill.serverless_line(memory, traffic, given.region)
    shared = list(bill.shared_lines(templates, traffic, given.region))

    console.print(
        f"[bold]{given.stage}[/] in {given.region}, {given.photos_a_day:,g} photos a day: "
        f"USD a month, at the prices known in {prices.DATE}"
    )
    console.print(_table([instances, serverless, *shared]))
    for endpoint in (instances, serverless):
        console.print(f"  with {endpoint.what:<24} {_total([endpoint, *shared])}")
    console.print(f"  {crossing(instances, serverless, traffic)}")
    for line in [instances, serverless, *shared]:
        if line.price and line.price.caution:
            console.print(f"  {line.what}: the price is {line.price.caution}.")
    console.print(f"  {LEFT_OUT}\n  Where each price was read: stacks/prices.py")


def _table(lines: Iterable[bill.Line]) -> Table:
    table = Table("what", "quantity", "unit", "a unit", "a month")
    for line in lines:
        unit = "not known" if line.price is None else f"{line.price.usd:.10f}".rstrip("0")
        month = "not known" if line.usd is None else f"{line.usd:,.2f}"
        table.add_row(line.what, _rounded(line.quantity), line.unit, unit, month)
    for column in table.columns[1:2] + table.columns[3:]:
        column.justify = "right"
    return table


def _rounded(quantity: float) -> str:
    return f"{quantity:,.0f}" if quantity >= 100 else f"{quantity:,.3g}"


def _total(lines: list[bill.Line]) -> str:
    known = sum(line.usd for line in lines if line.usd is not None)
    missing = [line.what for line in lines if line.usd is None]
    return f"{known:>10,.2f}" + (f"  without {', '.join(missing)}: not known" if missing else "")


def crossing(instances: bill.Line, serverless: bill.Line, traffic: bill.Traffic) -> str:
    """Say from how many photos a day on the instances are the cheaper ones."""
    if instances.usd is None or serverless.price is None:
        return "Where the two cross is not known, since one of their prices is not."
    one = bill.Traffic(1, traffic.lambda_ms, traffic.endpoint_ms)
    a_photo = one.photos * traffic.endpoint_ms / 1e3 * _memory(serverless) * serverless.price.usd
    if a_photo == 0:
        return "Serverless costs nothing at 0 ms an answer, so the two never cross."
    photos = instances.usd / a_photo
    return (
        f"Serverless is the cheaper one up to {photos:,.0f} photos a day, {photos / 86400:,.1f} a "
        f"second, at {traffic.endpoint_ms:g} ms an answer."
    )


def _memory(serverless: bill.Line) -> float:
    """Return GB, out of the line's text."""
    return int(serverless.what.split()[1]) / 1024


def _read(folder: Path, stage: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob(TEMPLATES.format(stage)))]


def _amount(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 on")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stacks.cost", description=__doc__)
    parser.add_argument("--stage", choices=list(STAGES), default="dev")
    parser.add_argument("--photos-a-day", type=_amount, default=1000)
    parser.add_argument("--region", choices=prices.REGIONS, default=prices.REGIONS[0])
    parser.add_argument("--lambda-ms", type=_amount, default=50, help="Lambda's time a photo")
    parser.add_argument("--endpoint-ms", type=_amount, default=20, help="the endpoint's")
    parser.add_argument("--instance-hour", type=_amount, help="USD, where you know it better")
    parser.add_argument(
        "--templates", type=Path, default=Path("cdk.out"), help="what cdk synth wrote (cdk.out)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
