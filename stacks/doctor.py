"""Is all there that a deployment needs? `python -m stacks.doctor --stage dev`."""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from model_code.aws import CHECK, MENDS
from stacks import doctor_account, doctor_checks
from stacks.doctor_checks import Check, Finding, Question
from stacks.settings import STAGES, SettingError, settings_of

# Nobody waits for long: a question that gets no answer is told.
CONFIG = Config(
    connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}
)
DEFAULT_REGION = "ap-northeast-2"
AT_HOME: dict[str, Check] = {"image": doctor_checks.image, "release": doctor_checks.release}
IN_THE_ACCOUNT: dict[str, Check] = {
    "bootstrap": doctor_checks.bootstrap,
    "quota": doctor_account.quota,
    "access logs": doctor_account.log_role,
    "certificate": doctor_account.certificate,
    "alarm topic": doctor_account.alarm_topic,
    "artifacts": doctor_checks.artifacts,
    "service": doctor_checks.service,
}
# What an emulator answers to a service that it does not have.
LACKING = {"400", "404", "501", "InvalidAction", "UnknownOperationException"}
SIGNS = {"ok": "ok  ", "mend": "MEND", "unknown": "?   "}


def examine(question: Question) -> Iterator[Finding]:
    """Yield what was found, the account's part only where the credentials are good."""
    for what, check in AT_HOME.items():
        yield from ask(what, check, question)
    known = list(ask("credentials", doctor_checks.credentials, question))
    yield from known
    if known[-1].state == "mend":
        yield Finding("unknown", "account", "not asked: it takes credentials")
        return
    for what, check in IN_THE_ACCOUNT.items():
        yield from ask(what, check, question)


def region(ours: str | None) -> Finding:
    """Tell the region; the CDK reads AWS_REGION first, boto3 does not read it at all."""
    cdks = os.environ.get("AWS_REGION") or ours
    if ours is None:
        setting = f"export AWS_DEFAULT_REGION={cdks or DEFAULT_REGION}"
        return Finding("mend", "region", f"none is set for the uploads: {setting}")
    if cdks != ours:
        told = f"AWS_REGION is {cdks}, so cdk would deploy there, and the uploads go to {ours}"
        return Finding("mend", "region", f"{told}: export AWS_DEFAULT_REGION={cdks}")
    return Finding("ok", "region", ours)


def ask(what: str, check: Check, question: Question) -> Iterator[Finding]:
    """Yield a check's findings; what AWS refuses is one too."""
    try:
        yield from check(question)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if os.environ.get("AWS_ENDPOINT_URL") and code in LACKING:
            yield Finding("unknown", what, "the local cloud does not have it")
        else:
            yield Finding("mend", what, f"{str(error).rstrip('.')}. {MENDS.get(code, CHECK)}")
    # As in `model_code.aws.aws_errors`.
    except (BotoCoreError, ResponseParserError, ValueError) as error:
        yield Finding("mend", what, f"{str(error).rstrip('.')}. {CHECK}")


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each finding; 1 where something must be mended, 2 for bad settings."""
    given = _parser().parse_args(arguments)
    try:
        # `packages` says what cdk puts into the Lambda's zip, and nothing here depends on it.
        overrides = {name: value for name, value in given.context if name != "packages"}
        settings = settings_of(given.stage, overrides)
    except SettingError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    try:
        session = boto3.Session()
    except BotoCoreError as error:  # such as a profile that is not there
        print(f"error: {error}. Check AWS_PROFILE and ~/.aws/config.", file=sys.stderr)
        return 1
    where = region(session.region_name)
    _tell(where)
    if where.state == "mend":
        return 1
    question = Question(
        settings=settings,
        folder=given.release,
        region=session.region_name,
        client=lambda service: session.client(service, config=CONFIG),
    )
    states = []
    for finding in examine(question):
        _tell(finding)
        states.append(finding.state)
    return 1 if "mend" in states else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stacks.doctor", description=__doc__)
    parser.add_argument("--stage", choices=list(STAGES), default="dev")
    parser.add_argument("--release", type=Path, default=Path("releases/latest"))
    parser.add_argument(
        "-c",
        "--context",
        type=_setting,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting other than the stage's, as for cdk",
    )
    return parser


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or name == "stage":
        raise argparse.ArgumentTypeError(f"{text} is not a setting's name=value")
    return name, value


def _tell(finding: Finding) -> None:
    print(f"{SIGNS[finding.state]}  {finding.what:<28}  {finding.told}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
