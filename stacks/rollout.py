"""How a new Lambda version gets the traffic: after a smoke test, moved by CodeDeploy."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from aws_cdk import (
    ArnFormat,
    Duration,
    RemovalPolicy,
    Stack,
    aws_cloudwatch,
    aws_codedeploy,
    aws_iam,
    aws_kms,
    aws_lambda,
    aws_logs,
)
from constructs import Construct

from model_code.bundle import bundle_smoke_test
from stacks.reasons import accept, accept_wildcards
from stacks.settings import Settings

GROUP = "live"


class Rollout(Construct):
    """Golden photos to the new version -> traffic to it -> back, if an alarm goes off.

    With `canary`, a tenth of the requests for five minutes, then all; without it, all at once
    and whatever the alarms say: the way to mend what they are about. The first deploy has no
    version to move away from, so CloudFormation makes the alias and nothing here runs.
    """

    def __init__(
        self, scope: Construct, name: str, *, live: aws_lambda.Alias,
        alarms: Sequence[aws_cloudwatch.IAlarm], release_folder: Path, settings: Settings,
        key: aws_kms.IKey | None,
    ) -> None:  # fmt: skip
        super().__init__(scope, name)
        self.name = f"chicklearning-{settings.stage}"
        smoke_test = self._smoke_test(live, release_folder, settings, key)
        config = aws_codedeploy.LambdaDeploymentConfig
        group = aws_codedeploy.LambdaDeploymentGroup(
            self,
            "Group",
            deployment_group_name=GROUP,
            application=aws_codedeploy.LambdaApplication(
                self, "Application", application_name=self.name
            ),
            alias=live,
            deployment_config=config.CANARY_10_PERCENT_5_MINUTES
            if settings.canary
            else config.ALL_AT_ONCE,
            alarms=list(alarms) if settings.canary else [],
            pre_hook=smoke_test,
            # As it is: CDK would add a managed policy for every function, topic and bucket.
            role=_mover_role(self, live, smoke_test).without_policy_updates(),
        )
        # The alias names both in its UpdatePolicy, which is no promise that they come first.
        live.node.add_dependency(group, smoke_test)

    def _smoke_test(
        self, live: aws_lambda.Alias, release_folder: Path, settings: Settings,
        key: aws_kms.IKey | None,
    ) -> aws_lambda.Function:  # fmt: skip
        logs = aws_logs.LogGroup(
            self,
            "Logs",
            encryption_key=key,
            retention=settings.log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        role = aws_iam.Role(
            self, "Role", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com")
        )
        logs.grant_write(role)
        if key:
            key.grant_decrypt(role)  # its environment
        # Any version, so that the policy stays the same from release to release: a changed one
        # takes seconds to be known everywhere, and the new version is asked at once.
        _allow(role, "lambda:InvokeFunction", f"{live.lambda_.function_arn}:*")
        _allow(role, "codedeploy:PutLifecycleEventHookExecutionStatus", self._group_arn())
        accept_wildcards(
            role,
            "Each release is a new version of the function, and each is asked.",
            [f"{live.lambda_.function_arn}:*"],
        )
        with TemporaryDirectory() as folder:  # CDK copies it into cdk.out at once
            bundle_smoke_test(release_folder, Path(folder))
            smoke_test = aws_lambda.Function(
                self,
                "SmokeTest",
                runtime=aws_lambda.Runtime.PYTHON_3_13,
                handler="smoke_test.handler",
                code=aws_lambda.Code.from_asset(folder),
                memory_size=256,  # MB; it sends photos and waits
                # The longest that Lambda has: each photo may take the 25 s of the function.
                timeout=Duration.minutes(15),
                log_group=logs,
                # As it is: CDK would add the group's own ARN, and the two would wait in a circle.
                role=role.without_policy_updates(),
                environment_encryption=key,
                environment={"NEW_VERSION": live.version.function_arn},
            )
        accept(smoke_test, "AwsSolutions-L1", "It runs in the Python of the function that it asks.")
        return smoke_test

    def _group_arn(self) -> str:
        """Name the group without a reference to it: it waits for the smoke test and its role."""
        return Stack.of(self).format_arn(
            service="codedeploy",
            resource="deploymentgroup",
            resource_name=f"{self.name}/{GROUP}",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )


def _mover_role(
    scope: Construct, live: aws_lambda.Alias, smoke_test: aws_lambda.Function
) -> aws_iam.Role:
    """Create CodeDeploy's role; its policy is inline, so that it is there when the alias moves.

    AWS's own policy for this is AWSCodeDeployRoleForLambdaLimited.
    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRoleForLambdaLimited.html
    """
    function = live.lambda_.function_arn
    statements = {
        "MoveAlias": (
            ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
            [function, f"{function}:*"],
        ),
        "RunSmokeTest": (["lambda:InvokeFunction"], [smoke_test.function_arn]),
        # It asks for its alarms by name; AWS's own policy names no resource for it either.
        "WatchAlarms": (["cloudwatch:DescribeAlarms"], ["*"]),
    }
    policy = aws_iam.PolicyDocument(
        statements=[
            aws_iam.PolicyStatement(sid=sid, actions=actions, resources=resources)
            for sid, (actions, resources) in statements.items()
        ]
    )
    role = aws_iam.Role(
        scope,
        "MoverRole",
        assumed_by=aws_iam.ServicePrincipal("codedeploy.amazonaws.com"),
        inline_policies={"Move": policy},
    )
    accept_wildcards(role, "CodeDeploy asks for its alarms by name, of no resource.", ["*"])
    accept_wildcards(
        role, "Each release is a new version that the alias moves to.", [f"{function}:*"]
    )
    return role


def _allow(role: aws_iam.Role, action: str, resource: str) -> None:
    aws_iam.Grant.add_to_principal(grantee=role, actions=[action], resource_arns=[resource])
