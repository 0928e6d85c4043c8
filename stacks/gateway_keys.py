"""API keys, and what each of them may do."""

from aws_cdk import aws_apigateway

from stacks.settings import Settings


def add_keys(api: aws_apigateway.RestApi, settings: Settings) -> dict[str, str]:
    """Give each holder a key to the API; return the keys' ids.

    API Gateway makes up the keys, so that no secret is in a template or on a command line. Each
    is bound to its holder's name: another holder more or less leaves the other keys as they are.
    """
    plan = api.add_usage_plan(
        "Plan",
        throttle=aws_apigateway.ThrottleSettings(
            rate_limit=settings.key_rate, burst_limit=settings.key_burst
        ),
        quota=aws_apigateway.QuotaSettings(
            limit=settings.key_quota, period=aws_apigateway.Period.DAY
        ),
        api_stages=[aws_apigateway.UsagePlanPerApiStage(stage=api.deployment_stage)],
    )
    ids = {}
    for holder in settings.api_keys:
        key = api.add_api_key(
            f"Key{holder.capitalize()}",
            description=f"chicklearning-{settings.stage} for {holder}",
        )
        plan.add_api_key(key)
        ids[holder] = key.key_id
    return ids
