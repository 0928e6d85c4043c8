"""Endpoint and API of one release, in one stack: that is what makes the change-over whole.

CloudFormation removes what a change replaced only after all else of the stack is in place. In
two stacks the old endpoint would go before the alias has moved away from it.
"""

from pathlib import Path

from aws_cdk import CfnOutput, Environment, Stack
from constructs import Construct

from model_code.bundle import Target
from model_code.release import Release
from stacks.alarms import Alarms
from stacks.artifacts import ArtifactsStack
from stacks.dashboard import Dashboard
from stacks.endpoint import Endpoint
from stacks.function import Function
from stacks.gateway import Gateway
from stacks.metrics import Metrics
from stacks.rollout import Rollout
from stacks.settings import Settings


class ServiceStack(Stack):
    """Serves one release: photo in over HTTPS, brand out."""

    def __init__(
        self, scope: Construct, name: str, *, release: Release, release_folder: Path,
        artifacts: ArtifactsStack, settings: Settings, target: Target, env: Environment,
    ) -> None:  # fmt: skip
        super().__init__(scope, name, env=env)
        endpoint = Endpoint(
            self, "Endpoint", release=release, artifacts=artifacts, settings=settings
        )
        function = Function(
            self, "Function", release_folder=release_folder, endpoint=endpoint, settings=settings,
            target=target, artifacts=artifacts,
        )  # fmt: skip
        gateway = Gateway(self, "Gateway", live=function.live, settings=settings, key=artifacts.key)
        metrics = Metrics(
            stage=settings.stage, release=release.id, endpoint_name=endpoint.name,
            live=function.live, api=gateway.api,
        )  # fmt: skip
        alarms = Alarms(
            self, "Alarms", metrics=metrics, release=release, settings=settings,
            of_endpoint=endpoint.alarms.all,
        )  # fmt: skip
        Dashboard(
            self, "Dashboard", metrics=metrics, logs=function.logs, alarms=alarms.all,
            settings=settings,
        )  # fmt: skip
        Rollout(
            self, "Rollout", live=function.live, alarms=alarms.rollback,
            release_folder=release_folder, settings=settings, key=artifacts.key,
        )  # fmt: skip
        CfnOutput(self, "ApiUrl", value=gateway.url)
        if gateway.domain:
            CfnOutput(
                self,
                "DomainTarget",
                value=gateway.domain.target,
                description=f"Point a DNS record of {settings.domain_name} here (CNAME or alias).",
            )
        for holder, key_id in gateway.key_ids.items():
            CfnOutput(
                self,
                f"ApiKeyId{holder.capitalize()}",
                value=key_id,
                description="aws apigateway get-api-key --include-value --query value --output "
                "text --api-key <this id> tells the key itself.",
            )
        CfnOutput(self, "EndpointName", value=endpoint.name)
        CfnOutput(self, "ReleaseId", value=release.id)
