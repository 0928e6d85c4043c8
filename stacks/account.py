"""The role that API Gateway writes its logs with: one for an account and region."""

from aws_cdk import Environment, RemovalPolicy, Stack, aws_apigateway, aws_iam
from constructs import Construct


class AccountStack(Stack):
    """Deployed once, where `aws apigateway get-account` names no role yet.

    It belongs to every REST API of the account and region, not to a stage of this project, so
    no other command deploys it, and it stays when this stack goes: else the logs of APIs that
    are not ours would end. https://github.com/aws/aws-cdk/issues/10878
    """

    def __init__(self, scope: Construct, name: str, *, env: Environment) -> None:
        super().__init__(scope, name, env=env)
        role = aws_iam.Role(
            self,
            "Role",
            assumed_by=aws_iam.ServicePrincipal("apigateway.amazonaws.com"),
            # The policy that AWS names for it; API Gateway refuses a role that permits less.
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
            managed_policies=[
                aws_iam.ManagedPolicy.from_aws_managed_policy_name(
                    "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
                )
            ],
        )
        role.apply_removal_policy(RemovalPolicy.RETAIN)
        # In an account that never had an API, the setting is there after the first resource only.
        # A key that opens nothing is the smallest.
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-account.html
        first = aws_apigateway.CfnApiKey(self, "First", enabled=False)
        account = aws_apigateway.CfnAccount(self, "Account", cloud_watch_role_arn=role.role_arn)
        account.add_dependency(first)
        account.apply_removal_policy(RemovalPolicy.RETAIN)
