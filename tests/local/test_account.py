"""The role that API Gateway logs with: set once by the real CDK CLI, and never taken away."""

import subprocess

from tests.local.conftest import ROOT, Deployment

APP = "--app=python3 -m cdk_app.account"


def cdk(deployment: Deployment, *arguments: str) -> None:
    result = subprocess.run(
        ["cdk", *arguments, APP, f"--output={deployment.folder / 'account'}"],
        cwd=ROOT,
        env=deployment.cloud.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_the_role_is_set_and_stays_when_the_stack_goes(deployment: Deployment) -> None:
    apigateway = deployment.cloud.client("apigateway")
    assert not apigateway.get_account().get("cloudwatchRoleArn")
    cdk(deployment, "deploy", "--require-approval=never")
    role = apigateway.get_account()["cloudwatchRoleArn"]
    assert ":role/" in role
    cdk(deployment, "destroy", "--force")
    assert apigateway.get_account()["cloudwatchRoleArn"] == role
    name = role.rpartition("/")[2]
    assert deployment.cloud.client("iam").get_role(RoleName=name)["Role"]["Arn"] == role
