"""What may differ from stage to stage, all of it on one screen."""

from typing import Annotated, Any, Literal

from aws_cdk.aws_logs import RetentionDays
from pydantic import BaseModel, ConfigDict, Field, ValidationError

Count = Annotated[int, Field(ge=1)]


class SettingError(ValueError):
    """A setting that is not one of the allowed values; the message names these."""


class Settings(BaseModel):
    """One stage: one deployment, side by side with the others. `-c name=value` overrides any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: str

    # The instance of the 2019 post. It is billed by the second for as long as it exists.
    instance_type: str = Field(default="ml.m4.xlarge", pattern=r"^ml\.[a-z0-9]+\.[a-z0-9]+$")
    instance_count: Count = 1

    # MB. The processor grows with the memory: this much is one whole processor, which reads and
    # embeds a photo in some ten milliseconds. A 50-megapixel photo, decoded and turned, is 0.5 GB.
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
    lambda_memory: Annotated[int, Field(ge=512, le=10240)] = 1769

    # Requests a second that the API lets through. One ml.m4.xlarge scores hundreds a second, so
    # these limits guard the bill, not the endpoint.
    throttle_rate: Count = 20
    throttle_burst: Count = 40

    log_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 180, 365] = 30

    # Whether a new release first gets a tenth of the requests, for five minutes, and goes back if
    # an alarm goes off. Without it: all at once, whatever the alarms say. The smoke test with the
    # golden photos comes first either way.
    canary: bool = False

    # So many of the newest releases stay in the bucket, to roll back to, besides the one that
    # serves. With the network's weights, one is 14 MB: ten cost less than a cent a month.
    kept_releases: Count = 10

    # Whether `cdk destroy` leaves the bucket with its releases behind.
    keep_releases: bool = True

    @property
    def log_retention(self) -> RetentionDays:
        """`log_days` as CDK names them."""
        return LOG_DAYS[self.log_days]


LOG_DAYS = {
    1: RetentionDays.ONE_DAY,
    3: RetentionDays.THREE_DAYS,
    5: RetentionDays.FIVE_DAYS,
    7: RetentionDays.ONE_WEEK,
    14: RetentionDays.TWO_WEEKS,
    30: RetentionDays.ONE_MONTH,
    60: RetentionDays.TWO_MONTHS,
    90: RetentionDays.THREE_MONTHS,
    180: RetentionDays.SIX_MONTHS,
    365: RetentionDays.ONE_YEAR,
}

# Every difference between the stages.
STAGES: dict[str, dict[str, Any]] = {
    # Cheap, and open to change.
    "dev": {"log_days": 7, "keep_releases": False},
    # Two instances stand in two availability zones: one may fail.
    "prod": {"instance_count": 2, "log_days": 365, "canary": True},
}


def settings_of(stage: str, overrides: dict[str, Any]) -> Settings:
    """Return a stage's settings, some of them overridden.

    Raises
    ------
    SettingError
        There is no such stage, or a value is not allowed; the message says what is.
    """
    if stage not in STAGES:
        raise SettingError(f"-c stage={stage}: use one of {', '.join(STAGES)}.")
    try:
        return Settings.model_validate({"stage": stage, **STAGES[stage], **overrides})
    except ValidationError as error:
        fault: Any = error.errors()[0]
        raise SettingError(f"-c {fault['loc'][0]}={fault['input']}: {fault['msg']}.") from error


def stack_name(stage: str, part: str) -> str:
    """Name a stack the way the commands in the README look for it."""
    return f"ChickLearning-{stage}-{part}"
