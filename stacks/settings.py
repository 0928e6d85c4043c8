"""What may differ from stage to stage, all of it on one screen."""

from typing import Annotated, Any, Literal

from aws_cdk.aws_logs import RetentionDays
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from stacks.setting_rules import RULES

Count = Annotated[int, Field(ge=1)]


def _listed(value: object) -> object:
    """Split what `-c name=a,b` gives."""
    if not isinstance(value, str):
        return value
    return tuple(value.split(",")) if value else ()


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("a name is there twice")
    return names


# A name becomes part of an output's name, which takes letters and digits alone.
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,30}$")]
Names = Annotated[
    tuple[Name, ...], BeforeValidator(_listed), AfterValidator(_unique), Field(min_length=1)
]
# As a browser sends it: no path, no slash at the end.
Origin = Annotated[str, Field(pattern=r"^(\*|https?://[a-z0-9.-]+(:[0-9]+)?)$")]
Origins = Annotated[tuple[Origin, ...], BeforeValidator(_listed), AfterValidator(_unique)]


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

    # Who may call the API: anybody with its URL, holders of an API key, or IAM identities with
    # execute-api:Invoke. GET /v1/health is open in each case, so that a monitor needs no secret.
    auth: Literal["none", "key", "iam"] = "none"

    # Where auth is `key`: who gets a key, comma-separated. To rotate a key, deploy with a second
    # name, hand that key out, and deploy without the first name.
    api_keys: Names = ("default",)
    # What each key may do: requests a second, at once, and a day. A key below the limits of the
    # whole API leaves room for the others when its holder's client loops.
    key_rate: Count = 10
    key_burst: Count = 20
    key_quota: Count = 10_000

    # Whose web pages may call the API from a browser, comma-separated, or `*` for any: CORS. A key
    # in a public page is everybody's key.
    cors_origins: Origins = ()

    # A name of one's own for the API, and its certificate: of ACM, in the region of the stack.
    domain_name: str = Field(default="", pattern=r"^$|^([a-z0-9-]+\.)+[a-z]{2,}$")
    certificate_arn: str = Field(default="", pattern=r"^$|^arn:aws:acm:[a-z0-9-]+:\d{12}:")

    # A web application firewall before the API: about 8 USD a month, and 0.6 for each million of
    # requests. https://aws.amazon.com/waf/pricing/
    firewall: bool = False
    # Requests in 5 minutes that it lets through from one address: what one key may do.
    firewall_rate: Annotated[int, Field(ge=10, le=2_000_000_000)] = 3000

    # One line for each request that the gateway takes or refuses. It needs a role that is set
    # once for the account and region, or CloudFormation refuses the stage: stacks/account.py.
    access_logs: bool = False

    log_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 180, 365] = 30

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
    "prod": {
        "instance_count": 2,
        "auth": "key",
        "firewall": True,
        "access_logs": True,
        "log_days": 365,
    },
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
        settings = Settings.model_validate({"stage": stage, **STAGES[stage], **overrides})
    except ValidationError as error:
        fault: Any = error.errors()[0]
        raise SettingError(f"-c {fault['loc'][0]}={fault['input']}: {fault['msg']}.") from error
    for rule in RULES:
        if rule.broken(settings):
            value = getattr(settings, rule.setting)
            raise SettingError(f"-c {rule.setting}={value}: {rule.instead}.")
    return settings


def stack_name(stage: str, part: str) -> str:
    """Name a stack the way the commands in the README look for it."""
    return f"ChickLearning-{stage}-{part}"
