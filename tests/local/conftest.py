"""One local cloud for all, and one deployment of the real template by the real CDK CLI."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import urllib3

from local_cloud.server import Cloud, running_cloud

ROOT = Path(__file__).parents[2]
ARTIFACTS, SERVICE = "ChickLearning-dev-Artifacts", "ChickLearning-dev-Service"


class Answer(NamedTuple):
    """An HTTP answer with its parsed body."""

    status: int
    headers: Any
    document: dict[str, Any]


class Deployment:
    """Runs the commands of `make deploy` against the local cloud."""

    def __init__(self, cloud: Cloud, folder: Path, **settings: str) -> None:
        self.cloud = cloud
        self.folder = folder
        self.settings = {"stage": "dev", **settings}
        self.artifacts, self.service = (
            f"ChickLearning-{self.settings['stage']}-{part}" for part in ("Artifacts", "Service")
        )

    def cdk(
        self, *arguments: str, release: Path, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the CLI on the template of `release`, which is synthesized once."""
        app = self.folder / "-".join([release.name, *settings, *settings.values()])
        if not app.exists():
            context = {**self.settings, "release": release, "packages": "host", **settings}
            options = [f"--context={name}={value}" for name, value in context.items()]
            synthesized = self._run("cdk", "synth", "--quiet", f"--output={app}", *options)
            assert synthesized.returncode == 0, synthesized.stderr
        return self._run("cdk", *arguments, f"--app={app}")

    def model_code(
        self, *arguments: str | Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        command = (sys.executable, "-m", "model_code", *map(str, arguments))
        return self._run(*command, **environment)

    def deploy(
        self, stack: str, release: Path, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        return self.cdk("deploy", stack, "--require-approval=never", release=release, **settings)

    def destroy(self, stack: str) -> subprocess.CompletedProcess[str]:
        """Run the CLI as `make destroy` does."""
        return self.without_release("destroy", stack, "--force")

    def without_release(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run the CLI for what needs no release."""
        context = {"stage": self.settings["stage"], "release": "none", **settings}
        options = [f"--context={name}={value}" for name, value in context.items()]
        return self._run("cdk", *arguments, f"--output={self.folder / 'none'}", *options)

    def start(self, release: Path) -> None:
        """Bring a release into an account where nothing is yet."""
        bootstrapped = self.cdk("bootstrap", release=release)
        assert bootstrapped.returncode == 0, bootstrapped.stderr
        deployed = self.deploy(self.artifacts, release)
        assert deployed.returncode == 0, deployed.stderr
        self.go_live(release)

    def go_live(self, release: Path) -> None:
        uploaded = self.model_code("upload", release, "--stack", self.artifacts)
        assert uploaded.returncode == 0, uploaded.stderr
        deployed = self.deploy(self.service, release)
        assert deployed.returncode == 0, deployed.stderr

    def output(self, stack: str, name: str) -> str:
        (found,) = self.cloud.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return str({o["OutputKey"]: o["OutputValue"] for o in found["Outputs"]}[name])

    @property
    def url(self) -> str:
        return self.cloud.api_url(self.output(self.service, "ApiUrl"))

    def endpoints(self) -> set[str]:
        """Return the names of the endpoints that our stack made."""
        sagemaker = self.cloud.client("sagemaker")
        listed = sagemaker.list_endpoints(NameContains=f"chicklearning-{self.settings['stage']}-")[
            "Endpoints"
        ]
        return {endpoint["EndpointName"] for endpoint in listed}

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        response = urllib3.request(
            method,
            self.url + path,
            body=body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            retries=False,
            timeout=60,
        )
        return Answer(response.status, response.headers, json.loads(response.data))

    def _run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.cloud.environment() | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="session")
def cloud_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cloud") / "log"


@pytest.fixture(scope="session")
def cloud(cloud_log: Path) -> Iterator[Cloud]:
    with running_cloud(cloud_log) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def deployment(
    cloud: Cloud, tmp_path_factory: pytest.TempPathFactory, release_folder: Path
) -> Iterator[Deployment]:
    """Bootstrap, deploy the bucket, upload the release, deploy the service; destroy it all."""
    deployment = Deployment(cloud, tmp_path_factory.mktemp("deployment"))
    deployment.start(release_folder)
    yield deployment
    bucket = deployment.output(ARTIFACTS, "BucketName")
    for command in (
        deployment.destroy(SERVICE),
        deployment.model_code("empty", "--stack", ARTIFACTS),
        deployment.destroy(ARTIFACTS),
    ):
        assert command.returncode == 0, command.stderr
    assert not deployment.endpoints()
    buckets = cloud.client("s3").list_buckets()["Buckets"]
    assert bucket not in {listed["Name"] for listed in buckets}
