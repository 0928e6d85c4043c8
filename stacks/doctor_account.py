"""What the account itself must permit or hold before a stage can be deployed."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from stacks.capacity import of_settings
from stacks.doctor_checks import Finding, Question
from stacks.settings import Settings

QUOTAS = "https://console.aws.amazon.com/servicequotas/home/services/sagemaker/quotas"
# The names of two quotas of SageMaker: L-7A3DF611 and L-96300102.
ALL_INSTANCES = "Number of instances across active endpoints"
ALL_SERVERLESS = "Maximum total concurrency that can be allocated across all serverless endpoints"


def quota(question: Question) -> Iterator[Finding]:
    """Ask whether as much may run as a change of release needs."""
    needs = _needs(question.settings)
    values = _quotas(question.client("service-quotas"), set(needs))
    for name, need in needs.items():
        if name not in values:
            yield _unlisted(name, question)
        elif values[name] < need:
            told = f"{name}: {values[name]:g}, and {need} are needed while a release goes live"
            yield Finding("mend", "quota", f"{told}. Ask for more: {QUOTAS}")
        else:
            yield Finding("ok", "quota", f"{name}: {values[name]:g}, and {need} are needed")


def _needs(settings: Settings) -> dict[str, int]:
    """Return what the old endpoint and the new one take together, by the name of the quota."""
    if settings.serverless:
        # No instance runs; but what an endpoint may answer at once is taken from a number that
        # the account has for all of them, whether anybody asks or not.
        return {ALL_SERVERLESS: settings.serverless_concurrency * 2}
    # Autoscaling may have brought the old endpoint to its most; a new one starts with its least.
    fleet = of_settings(settings)
    need = fleet.most + fleet.least
    return {f"{fleet.kind} for endpoint usage": need, ALL_INSTANCES: need}


def _quotas(client: Any, names: set[str]) -> dict[str, float]:
    """Return the account's quotas, or AWS's default where the account has none of its own."""
    values: dict[str, float] = {}
    for operation in ("list_service_quotas", "list_aws_default_service_quotas"):
        for page in client.get_paginator(operation).paginate(ServiceCode="sagemaker"):
            for found in page["Quotas"]:
                if found["QuotaName"] in names:
                    values.setdefault(found["QuotaName"], float(found["Value"]))
        if names <= set(values):
            break
    return values


def _unlisted(name: str, question: Question) -> Finding:
    if name.startswith("ml."):
        told = f"SageMaker has no {name} in {question.region}; choose an instance_type of {QUOTAS}"
        return Finding("mend", "quota", told)
    return Finding("unknown", "quota", f"AWS lists no {name}; look for it: {QUOTAS}")


def log_role(question: Question) -> Iterator[Finding]:
    """Ask whether API Gateway may write logs in this account and region."""
    if not question.settings.access_logs:
        return
    role = question.client("apigateway").get_account().get("cloudwatchRoleArn")
    if role:
        yield Finding("ok", "access logs", f"API Gateway writes them as {role}")
    else:
        once = 'set it once: cdk deploy --app "python3 -m cdk_app.account"'
        yield Finding("mend", "access logs", f"API Gateway has no role to write them with; {once}")


def alarm_topic(question: Question) -> Iterator[Finding]:
    """Ask whether there is the topic that the alarms tell; alarms reach those of their region."""
    arn = question.settings.alarm_topic_arn
    if not arn:
        return
    if arn.split(":")[3] != question.region:
        told = f"{arn} is not in {question.region}; name a topic there as alarm_topic_arn"
        yield Finding("mend", "alarm topic", told)
        return
    try:
        question.client("sns").get_topic_attributes(TopicArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFound":
            raise
        told = f"there is no {arn}; create it, or name another as alarm_topic_arn"
        yield Finding("mend", "alarm topic", told)
    else:
        yield Finding("ok", "alarm topic", f"{arn} is there")


def certificate(question: Question) -> Iterator[Finding]:
    """Ask whether the certificate of the stage's own name is valid."""
    arn, name = question.settings.certificate_arn, question.settings.domain_name
    if not name:
        return
    try:
        found = question.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        told = f"there is no {arn} in {question.region}; request one for {name} there"
        yield Finding("mend", "certificate", told)
        return
    if found["Status"] == "ISSUED":
        yield Finding("ok", "certificate", f"{arn} is ISSUED")
    else:
        told = f"{arn} is {found['Status']}; validate it in ACM, or request another for {name}"
        yield Finding("mend", "certificate", told)
