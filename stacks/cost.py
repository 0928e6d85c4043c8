"""What a stage costs a month: `python -m stacks.cost --stage dev --photos-a-day 1000`."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from stacks import bill, prices
from stacks.capacity import HOURS, Instances, of_settings
from stacks.settings import STAGES, settings_of

TEMPLATES = "ChickLearning-{}-*.template.json"
MOST = 1e12  # of any amount: no product of them is infinite
LEFT_OUT = (
    "Not counted: answers sent to the internet, metrics of one's own, X-Ray, requests to S3 and "
    "keys, taxes, free tiers."
)
console = Console(highlight=False, width=110, soft_wrap=True)


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    given = _parser().parse_args(arguments)
    templates = _read(given.templates, given.stage)
    if not templates:
        print(
            f"error: {given.templates} has no whole template of stage {given.stage}. "
            f"Make one: make synth STAGE={given.stage}",
            file=sys.stderr,
        )
        return 1
    traffic = bill.Traffic(given.photos_a_day, given.lambda_ms, given.endpoint_ms)
    _show(given, templates, traffic)
    return 0


def _show(given: argparse.Namespace, templates: list[Any], traffic: bill.Traffic) -> None:
    serverless = bill.variant(templates).get("ServerlessConfig")
    # What the stage does not have, it would have by the stage's own settings.
    fleet = of_settings(settings_of(given.stage, {})) if serverless else bill.instances(templates)
    memory = serverless["MemorySizeInMB"] if serverless else bill.SERVERLESS_MEMORY
    endpoints = (
        bill.instance_line(fleet, given.region, given.instance_hour),
        bill.serverless_line(memory, traffic, given.region),
    )
    shared = list(bill.shared_lines(templates, traffic, given.region))

    console.print(
        f"[bold]{given.stage}[/] in {given.region}, {given.photos_a_day:,g} photos a day: "
        f"USD a month, at the prices known in {prices.DATE}"
    )
    console.print(_table([*endpoints, *shared]))
    for endpoint, there in zip(endpoints, (not serverless, serverless), strict=True):
        what = f"{endpoint.what}, {'as it is' if there else 'instead'}"
        console.print(f"  with {what:<32} {_total([endpoint, *shared])}")
    for note in _notes(fleet, *endpoints, traffic):
        console.print(f"  {note}")
    for line in [*endpoints, *shared]:
        if line.price and line.price.caution:
            console.print(f"  {line.what}: the price is {line.price.caution}.")
    console.print(f"  {LEFT_OUT}\n  Where each price was read: stacks/prices.py")


def _notes(
    fleet: Instances, instances: bill.Line, serverless: bill.Line, traffic: bill.Traffic
) -> Iterator[str]:
    """Yield what the lines of the two endpoints do not show."""
    if fleet.most > fleet.least:
        yield (
            f"{instances.what} is the least{fleet.at_night}. Autoscaling adds up to "
            f"{fleet.most}, billed while they are there{_at_most(fleet, instances)}."
        )
    yield crossing(instances, serverless, traffic)


def _at_most(fleet: Instances, instances: bill.Line) -> str:
    if instances.price is None:
        return ""
    return f" (all of them all month: {fleet.most * HOURS * instances.price.usd:,.2f})"


def _table(lines: Iterable[bill.Line]) -> Table:
    table = Table("what", "quantity", "unit", "a unit", "a month")
    for line in lines:
        unit = (
            "not known" if line.price is None else f"{line.price.usd:.10f}".rstrip("0").rstrip(".")
        )
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
    """Return the templates of a stage, none where they are not whole."""
    paths = sorted(folder.glob(TEMPLATES.format(stage)))
    try:
        templates = [json.loads(path.read_text()) for path in paths]
    except ValueError:  # cut short
        return []
    return templates if bill.is_whole(templates) else []


def _amount(text: str) -> float:
    value = float(text)
    if not 0 <= value <= MOST:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 on, {MOST:g} at most")
    return abs(value)  # -0 is 0


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
