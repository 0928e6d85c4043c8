"""Settings: any can be overridden, none can be wrong, and those that clash say what to do."""

import pytest

from stacks.settings import SettingError, settings_of


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"instance_type": "m4.xlarge"}, "-c instance_type=m4.xlarge: String should match"),
        (
            {"instance_count": "0"},
            "-c instance_count=0: Input should be greater",
        ),
        ({"lambda_memory": "1023"}, "-c lambda_memory=1023: Input should be greater"),
        ({"log_days": "8"}, "-c log_days=8: Input should be 1, 3, 5, 7"),
        ({"keep_releases": "perhaps"}, "-c keep_releases=perhaps: Input should be a valid boolean"),
        ({"instance_cuont": "3"}, "no such setting; did you mean instance_count"),
        ({"colour": "red"}, "no such setting; stacks/settings.py has them"),
        ({"log_days": True}, "-c log_days=True: Value error, it is a number"),
        ({"kept_releases": True}, "-c kept_releases=True: Value error, it is a number"),
        ({"key_quota": "1" * 99}, "Input should be less than or equal to 1000000"),
        ({"api_keys": "a\nb" * 99}, "-c api_keys=a ba ba b"),
    ],
)
def test_a_setting_that_is_not_allowed_is_refused_with_those_that_are(
    override: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingError) as caught:
        settings_of("dev", override)
    assert message in str(caught.value)


def test_any_setting_can_be_overridden() -> None:
    assert settings_of("dev", {"instance_count": "3"}).instance_count == 3
    assert settings_of("prod", {"keep_releases": "false"}).keep_releases is False
    assert settings_of("dev", {"log_days": "90"}).log_days == 90
    assert settings_of("dev", {"serverless_memory": "6144"}).serverless_memory == 6144
    assert settings_of("prod", {"alarm_topic_arn": ""}).alarm_topic_arn is None


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"serverless_memory": "1000"}, "-c serverless_memory=1000: Input should be 1024, 2048"),
        ({"serverless_concurrency": "201"}, "-c serverless_concurrency=201: Input should be less"),
        ({"max_instances": "-1"}, "-c max_instances=-1: Input should be greater"),
        ({"requests_per_instance": "0"}, "-c requests_per_instance=0: Input should be greater"),
        ({"watch_seconds": "60"}, "-c watch_seconds=60: The alarms need two bad minutes"),
        ({"scale_in_seconds": "4000"}, "-c scale_in_seconds=4000: Input should be less"),
    ],
)
def test_a_capacity_that_sagemaker_does_not_have_is_refused(
    override: dict[str, str], message: str
) -> None:
    with pytest.raises(SettingError) as caught:
        settings_of("prod", override)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            {"instance_count": "5", "throttle_rate": "1000"},
            "-c max_instances=4: Use instance_count or more, or 0",
        ),
        ({"serverless": "true"}, "-c serverless=True: A serverless endpoint has no instances"),
        ({"throttle_rate": "20"}, "-c requests_per_instance=3000: The API never lets that many"),
    ],
)
def test_settings_that_clash_are_refused_with_what_to_set_instead(
    override: dict[str, str], message: str
) -> None:
    with pytest.raises(SettingError) as caught:
        settings_of("prod", override)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "override",
    [
        {"max_instances": "0", "throttle_rate": "20"},
        {"serverless": "true", "max_instances": "0"},
        {"instance_count": "4"},  # as many as at most: autoscaling has nothing to do
        {"throttle_rate": "20", "requests_per_instance": "500"},
    ],
)
def test_settings_that_go_together_are_taken(override: dict[str, str]) -> None:
    assert settings_of("prod", override)
