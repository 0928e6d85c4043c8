"""The TLS that the API and its name take: 1.2 or 1.3, with keys that leak no earlier talk.

A regional API left alone takes TLS 1.0, and so does its custom domain, which negotiates by the
policy of the API behind it. STRICT refuses a request whose host is not that of its TLS session.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-update.html
"""

from typing import cast

from aws_cdk import aws_apigateway

DOMAIN_POLICY = aws_apigateway.SecurityPolicy.TLS13_1_2_PFS_PQ_2025_09
DOMAIN_ACCESS = aws_apigateway.EndpointAccessMode.STRICT


def require_tls(api: aws_apigateway.RestApi) -> None:
    """Set the policy on the API, for which CDK has no setting yet."""
    resource = cast(aws_apigateway.CfnRestApi, api.node.default_child)
    resource.security_policy = f"SecurityPolicy_{DOMAIN_POLICY.value}"
    resource.endpoint_access_mode = DOMAIN_ACCESS.value
