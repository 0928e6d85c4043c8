"""What may differ from stage to stage, all of it on one screen."""

from difflib import get_close_matches
from textwrap import shorten
from typing import Annotated, Any, Literal

from aws_cdk.aws_logs import RetentionDays
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stacks.setting_rules import RULES
from stacks.setting_types import Count, FromText, Hour, Names, Nothing, Origins


class SettingError(ValueError):
    """A setting that is not one of the allowed values; the message names these."""


class Settings(BaseModel):
    """One stage: one deployment, side by side with the others. `-c name=value` overrides any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: str

    # The instance of the 2019 post. It is billed by the second for as long as it exists.
    instance_type: str = Field(default="ml.m4.xlarge", pattern=r"^ml\.[a-z0-9]+\.[a-z0-9]+$")
    # With autoscaling it is the number to start with, and the least: a new release starts with
    # so many again, whatever the old one has come to.
    instance_count: Count = 1

    # Autoscaling adds instances up to here; 0 turns it off. To change the instance type, turn it
    # off by one deploy and on again by the next, together with the type: SageMaker refuses the
    # change on an endpoint that scales, and one deploy alone would end the scaling last.
    # https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
    max_instances: Annotated[int, Field(ge=0, le=20)] = 0

    # Requests a minute on each instance that autoscaling holds to. 3,000 is 50 a second: a part
    # of what one ml.m4.xlarge scores, since a new instance takes SageMaker some minutes. Measure
    # again for another instance type.
    requests_per_instance: Count = 3000

    # Seconds between two additions, and between two removals. Adding costs a minute's money,
    # removing too early costs answers: so one is quick, the other slow.
    scale_out_seconds: Annotated[int, Field(ge=0, le=3600)] = 60
    scale_in_seconds: Annotated[int, Field(ge=0, le=3600)] = 600

    # Seconds that the endpoint's alarms watch new instances of a release before the old ones go.
    # The alarms need two minutes; both kinds are paid meanwhile. They see old and new instances
    # together, so one that is ringing already takes back the very change that would mend it: 0
    # watches nothing, for such a change.
    # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    watch_seconds: Annotated[int, Field(ge=0, le=1800)] = 300

    # Hours of the day in UTC, 0 to 23, between which a single instance is enough: autoscaling's
    # least is 1 then, and it still adds instances for many requests. An endpoint with instances
    # cannot have none; whoever wants to pay nothing at night sets serverless, or destroys the
    # Service stack in the evening and deploys it in the morning.
    # https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html
    night_from: Hour = None
    night_until: Hour = None

    # Percent of the requests to the endpoint that are kept with their answers, as rows of
    # features, never photos; 0 keeps none. And for how many days they are kept.
    capture_percent: Annotated[int, Field(ge=0, le=100)] = 0
    capture_days: Annotated[int, Field(ge=1, le=365)] = 30

    # A key of one's own, about 1 USD a month, for the bucket, the instances' disks, captured rows,
    # the logs and the Lambda's environment. Without it AWS encrypts them with keys of its own.
    own_key: bool = False

    # Lambda and instances in a network without internet gateway or NAT; about 15 USD a month for
    # SageMaker's runtime in two zones. Destroying it waits until AWS has taken back its network
    # interfaces, up to 20 minutes after the Service stack went.
    private_network: bool = False

    # No instance at all, but an endpoint that is paid by the request and sleeps in between; its
    # first answer after a rest takes seconds. instance_type and instance_count say nothing then.
    # https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
    serverless: bool = False
    # MB. The container with its model needs less than 1 GB; the processor grows with the memory.
    serverless_memory: Annotated[Literal[1024, 2048, 3072, 4096, 5120, 6144], FromText] = 2048
    # Requests at once; what comes on top is refused. SageMaker's limit is 200 an endpoint.
    serverless_concurrency: Annotated[int, Field(ge=1, le=200)] = 5

    # MB. The processor grows with the memory: this much is one whole processor, which reads and
    # embeds a photo in some ten milliseconds. The largest photos that are taken, as a progressive
    # CMYK JPEG of 52 megapixels, need 0.7 GB.
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
    lambda_memory: Annotated[int, Field(ge=1024, le=10240)] = 1769

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

    log_days: Annotated[Literal[1, 3, 5, 7, 14, 30, 60, 90, 180, 365], FromText] = 30

    # Whether X-Ray follows requests through the Lambda: by default the first in each second and
    # 5% of the others, 5 USD a million. Not through the gateway, whose traces would keep the
    # caller's address and user agent.
    # https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
    tracing: bool = False

    # An SNS topic of the same region that the alarms tell when they begin and end. None: they
    # tell nobody, and show on the dashboard alone.
    alarm_topic_arn: Annotated[str | None, Nothing] = Field(
        default=None, pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$"
    )

    # Whether a new release first gets a tenth of the requests, for five minutes, and goes back if
    # an alarm goes off. Without it: all at once, whatever the alarms say. The smoke test with the
    # golden photos comes first either way.
    canary: bool = False

    # So many of the newest releases stay in the bucket, to roll back to, besides the one that
    # serves. With the network's weights, one is 4 MB: ten cost less than a cent a month.
    kept_releases: Count = 10

    # Whether `cdk destroy` leaves the bucket with its releases behind, and that with the feedback.
    keep_releases: bool = True

    # For how many days a photo is kept that came with feedback, by its sender's permission.
    feedback_photo_days: Annotated[int, Field(ge=1, le=3650)] = 180

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
    # Two instances stand in two availability zones: one may fail. The API lets through what four
    # are meant for.
    "prod": {
        "instance_count": 2,
        "max_instances": 4,
        "throttle_rate": 200,
        "throttle_burst": 400,
        "auth": "key",
        "firewall": True,
        "canary": True,
        "access_logs": True,
        "log_days": 365,
        "tracing": True,
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
        name = str(fault["loc"][0])
        why = _unknown(name) if fault["type"] == "extra_forbidden" else fault["msg"]
        value = shorten(str(fault["input"]), 80)  # a line break is a space then
        raise SettingError(f"-c {name}={value}: {why}.") from error
    for rule in RULES:
        if rule.broken(settings):
            value = getattr(settings, rule.setting)
            raise SettingError(f"-c {rule.setting}={value}: {rule.instead}.")
    return settings


def _unknown(name: str) -> str:
    near = get_close_matches(name, Settings.model_fields, n=1)
    return "There is no such setting; " + (
        f"did you mean {near[0]}" if near else "stacks/settings.py has them"
    )


def stack_name(stage: str, part: str) -> str:
    """Name a stack the way the commands in the README look for it."""
    return f"ChickLearning-{stage}-{part}"
