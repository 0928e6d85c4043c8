"""What a stage costs: sums that can be checked by hand, and nothing invented."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stacks import bill, prices
from stacks.capacity import Instances
from stacks.cost import crossing, main
from tests.infrastructure.conftest import Synth

VIRGINIA = "us-east-1"
A_MONTH = 1000 * 365 / 12  # photos, at 1,000 a day
KIND = "ml.m4.xlarge"
ONE, TWO = Instances(KIND, 1, 1), Instances(KIND, 2, 2)
SCALED = {"instance_count": "2", "max_instances": "4", "throttle_rate": "200"}
NIGHT = {"night_from": "20", "night_until": "6"}


@pytest.fixture
def cost(dev: Synth, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return a function that runs the command on the synthesized stage."""

    def run(*options: str, synth: Synth = dev) -> str:
        assert main(["--templates", str(synth.folder), *options]) == 0
        return capsys.readouterr().out

    return run


def lines(templates: list[dict[str, Any]], region: str = VIRGINIA) -> dict[str, bill.Line]:
    found = bill.shared_lines(templates, bill.Traffic(1000), region)
    return {line.what: line for line in found}


@pytest.fixture
def templates(dev: Synth) -> list[dict[str, Any]]:
    return templates_of(dev)


def templates_of(synth: Synth) -> list[dict[str, Any]]:
    return [dict(synth.artifacts.to_json()), dict(synth.service.to_json())]


def test_an_instance_is_paid_by_the_hour_whether_asked_or_not() -> None:
    assert bill.instance_line(TWO, VIRGINIA).usd == pytest.approx(2 * 730 * 0.28)


@pytest.mark.parametrize(
    ("night", "hours"), [(None, 1460), ((20, 6), 730 / 24 * 38), ((1, 3), 730 / 24 * 46)]
)
def test_at_night_one_instance_is_paid(night: tuple[int, int] | None, hours: float) -> None:
    line = bill.instance_line(Instances(KIND, 2, 4, night), VIRGINIA)
    assert line.quantity == pytest.approx(hours)


def test_autoscaling_is_told_with_what_it_may_come_to(
    cost: Callable[..., str], synth_with: Callable[..., Synth]
) -> None:
    told = cost("--region", VIRGINIA, synth=synth_with(**SCALED, **NIGHT))
    assert "2 x ml.m4.xlarge is the least (1 or more from 20 to 6 UTC)" in told
    assert "adds up to 4" in told
    assert f"{4 * 730 * 0.28:.2f}" in told
    assert f"{730 / 24 * 38 * 0.28:.2f}" in told


def test_what_does_not_scale_says_nothing_of_it(cost: Callable[..., str]) -> None:
    assert "Autoscaling" not in cost("--region", VIRGINIA)


def test_it_says_which_endpoint_the_stage_has(
    cost: Callable[..., str], synth_with: Callable[..., Synth]
) -> None:
    assert "with 1 x ml.m4.xlarge, as it is" in cost()
    told = cost(synth=synth_with(serverless="true", serverless_memory="3072"))
    assert "with serverless, 3072 MB, as it is" in told
    assert "with 1 x ml.m4.xlarge, instead" in told


def test_a_private_network_is_paid_by_the_zone_and_hour(
    synth_with: Callable[..., Synth], templates: list[dict[str, Any]]
) -> None:
    found = lines(templates_of(synth_with(private_network="true")))
    assert found["Private network"].usd == pytest.approx(2 * 730 * 0.01)
    assert "Private network" not in lines(templates)


def test_captured_rows_are_kept_until_they_expire(synth_with: Callable[..., Synth]) -> None:
    synth = synth_with(capture_percent="10", capture_days="20")
    found = lines(templates_of(synth))["Captured rows"]
    assert found.quantity == pytest.approx(1000 * 0.10 * 20 * bill.ROW_BYTES / 1e9)


def test_access_logs_are_written_too(synth_with: Callable[..., Synth]) -> None:
    with_them, without = (
        lines(templates_of(synth_with(access_logs=value)))["Logs written"].quantity
        for value in ("true", "false")
    )
    assert with_them > without


def test_serverless_is_paid_by_memory_and_time() -> None:
    line = bill.serverless_line(4096, bill.Traffic(1000, endpoint_ms=500), VIRGINIA)
    assert line.usd == pytest.approx(A_MONTH * 0.5 * 4 * 0.00002)


def test_requests_and_lambda_are_paid_by_the_photo(templates: list[dict[str, Any]]) -> None:
    found = lines(templates)
    assert found["API Gateway"].usd == pytest.approx(A_MONTH * 3.50 / 1e6)
    assert found["Lambda time"].usd == pytest.approx(A_MONTH * 0.05 * 1769 / 1024 * 0.0000166667)


def test_what_a_stage_has_not_is_not_on_its_bill() -> None:
    bare = {
        "Resources": {
            "F": {"Type": "AWS::Lambda::Function", "Properties": {"MemorySize": 512}},
            "L": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}},
        }
    }
    assert not {"Alarms", "Keys", "Firewall"} & set(lines([bare]))


def test_alarms_keys_and_firewall_are_counted(templates: list[dict[str, Any]]) -> None:
    wall = {"Type": "AWS::WAFv2::WebACL", "Properties": {"Rules": [{}, {}]}}
    extra = {
        "Resources": {
            "A": {"Type": "AWS::CloudWatch::Alarm"},
            "K": {"Type": "AWS::KMS::Key"},
            "W": wall,
        }
    }
    before, after = lines(templates), lines([*templates, extra])
    assert after["Firewall rules"].quantity == 2
    assert after["Firewall requests"].usd == pytest.approx(A_MONTH * 0.60 / 1e6)
    for what in ("Alarms", "Keys"):
        assert after[what].quantity - getattr(before.get(what), "quantity", 0) == 1


def test_the_two_cost_the_same_where_they_cross() -> None:
    traffic = bill.Traffic(1000)
    instance = bill.instance_line(ONE, VIRGINIA)
    text = crossing(instance, bill.serverless_line(2048, traffic, VIRGINIA), traffic)
    photos_a_day = float(text.split(" up to ")[1].split()[0].replace(",", ""))
    there = bill.serverless_line(2048, bill.Traffic(photos_a_day), VIRGINIA)
    assert there.usd == pytest.approx(instance.usd, rel=1e-4)


def test_endpoints_that_cost_nothing_by_the_photo_never_cross() -> None:
    traffic = bill.Traffic(1000, endpoint_ms=0)
    instance = bill.instance_line(ONE, VIRGINIA)
    assert "never cross" in crossing(
        instance, bill.serverless_line(2048, traffic, VIRGINIA), traffic
    )


@pytest.mark.parametrize("region", prices.REGIONS)
@pytest.mark.parametrize("photos", ["0", "1000", "1e9"])
def test_the_table_is_told_for_each_region(
    cost: Callable[..., str], region: str, photos: str
) -> None:
    told = cost("--region", region, "--photos-a-day", photos)
    assert "1 x ml.m4.xlarge" in told
    assert "serverless, 2048 MB" in told


def test_a_price_that_is_not_known_is_told_and_left_out(cost: Callable[..., str]) -> None:
    told = cost("--region", "ap-northeast-2")
    assert "not known" in told
    assert "without 1 x ml.m4.xlarge" in told
    assert "cross is not known" in told


def test_a_price_that_the_caller_knows_counts(cost: Callable[..., str]) -> None:
    assert "219.00" in cost("--region", "ap-northeast-2", "--instance-hour", "0.30")


def test_each_price_names_where_it_was_read() -> None:
    for by_region in (*prices.PRICES.values(), *prices.INSTANCE_HOUR.values()):
        assert set(by_region) <= set(prices.REGIONS)
        for price in by_region.values():
            assert price.usd > 0
            assert "https://" in price.source


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--photos-a-day=-1"], "-1 is not a number from 0 on"),
        (["--photos-a-day=nan"], "nan is not a number from 0 on"),
        (["--photos-a-day=inf"], "inf is not a number from 0 on"),
        (["--photos-a-day=many"], "invalid"),
        (["--photos-a-day=1e13"], "1e13 is not a number from 0 on, 1e+12 at most"),
        (["--endpoint-ms=1e308"], "1e+12 at most"),
        (["--region=moon-1"], "ap-northeast-2"),
        (["--stage=test"], "prod"),
        (["--instance-hour=-0.1"], "-0.1 is not a number from 0 on"),
    ],
)
def test_bad_input_is_told_with_what_is_allowed(
    options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(options)
    assert caught.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_stage_that_was_not_synthesized_is_told(
    stage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ChickLearning-other-Service.template.json").write_text(json.dumps({}))
    assert main(["--stage", stage, "--templates", str(tmp_path)]) == 1
    assert f"make synth STAGE={stage}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "templates",
    [
        {"Service": "{}", "Artifacts": '{"Resources": {}}'},
        {"Artifacts": '{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}'},
        {"Service": '{"Resources": {"E": {"Type": "AWS::SageMaker::EndpointConfig"}}}'},
        {"Service": '{"Resources": {"E'},
    ],
    ids=["release=none", "Artifacts alone", "Service alone", "cut short"],
)
def test_templates_that_are_not_whole_are_told(
    templates: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for part, text in templates.items():
        (tmp_path / f"ChickLearning-dev-{part}.template.json").write_text(text)
    assert main(["--templates", str(tmp_path)]) == 1
    assert "has no whole template of stage dev. Make one" in capsys.readouterr().err


def test_the_largest_amounts_still_are_numbers(cost: Callable[..., str]) -> None:
    amounts = ("photos-a-day", "lambda-ms", "endpoint-ms", "instance-hour")
    told = cost("--region", VIRGINIA, *(f"--{amount}=1e12" for amount in amounts))
    assert "nan" not in told
    assert "inf" not in told.split("Not counted")[0]


def test_minus_nothing_is_nothing(cost: Callable[..., str]) -> None:
    assert "-0" not in cost("--photos-a-day=-0").split("Not counted")[0]
