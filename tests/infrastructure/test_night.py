"""Nights: a single instance is enough, and the day is as it was."""

from collections.abc import Callable

import pytest

from stacks.settings import SettingError, settings_of
from tests.infrastructure.conftest import Synth
from tests.infrastructure.test_capacity import TARGET

SCALED = {"instance_count": "2", "max_instances": "4", "throttle_rate": "200"}


def test_at_night_one_instance_is_the_least(synth_with: Callable[..., Synth]) -> None:
    synth = synth_with(night_from="15", night_until="22", **SCALED)
    night, day = synth.properties(TARGET)["ScheduledActions"]
    assert night["Schedule"] == "cron(0 15 * * ? *)"
    assert day["Schedule"] == "cron(0 22 * * ? *)"
    assert {night["Timezone"], day["Timezone"]} == {"UTC"}
    # The most stays, so that many requests at night are answered too.
    assert night["ScalableTargetAction"] == {"MinCapacity": 1}
    assert day["ScalableTargetAction"] == {"MinCapacity": 2}


def test_without_a_night_nothing_is_scheduled(prod: Synth) -> None:
    assert "ScheduledActions" not in prod.properties(TARGET)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"night_from": "24", "night_until": "6"}, "-c night_from=24: Input should be less"),
        ({"night_from": "late", "night_until": "6"}, "-c night_from=late: Input should be a valid"),
        ({"night_from": "20"}, "-c night_until=None: A night has both hours"),
        ({"night_until": "6"}, "-c night_until=6: A night has both hours"),
        ({"night_from": "6", "night_until": "6"}, "-c night_until=6: A night ends at another hour"),
    ],
)
def test_a_night_that_is_none_is_refused(override: dict[str, str], message: str) -> None:
    with pytest.raises(SettingError) as caught:
        settings_of("prod", override)
    assert message in str(caught.value)


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_night_that_saves_nothing_is_refused(stage: str) -> None:
    night = {"night_from": "20", "night_until": "6", "max_instances": "0"}
    with pytest.raises(SettingError, match=r"-c night_from=20: .*serverless"):
        settings_of(stage, night)
