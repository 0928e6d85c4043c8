"""What lets web pages of other origins call the API; lambda/cors.py does it for its answers."""

from aws_cdk import Duration, aws_apigateway

from stacks.settings import Settings

# The photo's type, the key, and what a signed request has.
REQUEST_HEADERS = [
    "Content-Type",
    "x-api-key",
    "Authorization",
    "X-Amz-Date",
    "X-Amz-Security-Token",
]

EXPOSED = "Retry-After, X-Request-Id, X-Release-Id"  # lambda/cors.py has the same


def preflight(settings: Settings) -> aws_apigateway.CorsOptions | None:
    """Return the answer to a browser's OPTIONS: the gateway's own, without key or Lambda."""
    if not settings.cors_origins:
        return None
    return aws_apigateway.CorsOptions(
        allow_origins=list(settings.cors_origins),
        allow_methods=["GET", "POST"],
        allow_headers=REQUEST_HEADERS,
        max_age=Duration.hours(2),  # the longest that Chrome keeps it
    )


def gateway_headers(settings: Settings) -> dict[str, str]:
    """Return what lets a page read the gateway's own errors.

    They cannot depend on the page, so any page may read them; they tell nothing but the error.
    """
    if not settings.cors_origins:
        return {}
    return {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": EXPOSED,
    }
