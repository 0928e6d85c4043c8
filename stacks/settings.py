"""What may differ from stage to stage, all of it on one screen."""

from dataclasses import dataclass

from aws_cdk.aws_logs import RetentionDays


class SettingError(ValueError):
    """A setting that is not one of the allowed values; the message names these."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One stage: one deployment, side by side with the others."""

    stage: str

    # The instance of the 2019 post. It is billed by the second for as long as it exists.
    instance_type: str = "ml.m4.xlarge"
    instance_count: int = 1

    # MB. The processor grows with the memory: this much is one whole processor, which reads and
    # embeds a photo in some ten milliseconds. A 50-megapixel photo, decoded and turned, is 0.5 GB.
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
    lambda_memory: int = 1769

    # Requests a second that the API lets through. One ml.m4.xlarge scores hundreds a second, so
    # these limits guard the bill, not the endpoint.
    throttle_rate: int = 20
    throttle_burst: int = 40

    log_retention: RetentionDays = RetentionDays.ONE_MONTH

    # Whether `cdk destroy` leaves the bucket with its releases behind.
    keep_releases: bool = True


STAGES = {
    settings.stage: settings
    for settings in (
        Settings(stage="dev", log_retention=RetentionDays.ONE_WEEK, keep_releases=False),
        # Two instances stand in two availability zones: one may fail.
        Settings(stage="prod", instance_count=2, log_retention=RetentionDays.ONE_YEAR),
    )
}


def stack_name(stage: str, part: str) -> str:
    """Name a stack the way the commands in the README look for it."""
    return f"ChickLearning-{stage}-{part}"
