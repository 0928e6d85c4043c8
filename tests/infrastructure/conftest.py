"""One synth by the real CDK CLI for all: `cdk synth` as a person runs it, without an account."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from cdk_app.app import build

ROOT = Path(__file__).parents[2]


class Synth(NamedTuple):
    """What one stage's synth wrote."""

    folder: Path
    artifacts: Template
    service: Template

    def resources(self, type_name: str) -> dict[str, Any]:
        return dict(self.service.find_resources(type_name))

    @property
    def releases_bucket(self) -> dict[str, Any]:
        """Return the properties of the bucket with versions; the inbox has none."""
        found = self.artifacts.find_resources("AWS::S3::Bucket").values()
        (bucket,) = [each["Properties"] for each in found if "Versioning" in str(each)]
        return dict(bucket)

    @property
    def function(self) -> dict[str, Any]:
        """Return the properties of the Lambda behind the API; the smoke test is another."""
        functions = [
            found["Properties"] for found in self.resources("AWS::Lambda::Function").values()
        ]
        (found,) = [each for each in functions if each["Handler"] == "handler.handler"]
        return dict(found)

    def properties(self, type_name: str) -> dict[str, Any]:
        """Return the properties of the only resource of a type."""
        (resource,) = self.resources(type_name).values()
        found: dict[str, Any] = resource["Properties"]
        return found


def run_synth(
    output: Path, release: Path | str, **context: str
) -> subprocess.CompletedProcess[str]:
    """Run `cdk synth` where there are no credentials and no way out to a network."""
    options = [f"--context={name}={value}" for name, value in context.items()]
    environment = {name: value for name, value in os.environ.items() if "AWS" not in name}
    environment |= {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": "ap-northeast-2",
        # A proxy that nobody answers at: a request to the network would fail the synth.
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }
    return subprocess.run(
        ["cdk", "synth", "--quiet", f"--output={output}", f"--context=release={release}", *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def synth_stage(
    tmp_path_factory: pytest.TempPathFactory, release_folder: Path
) -> Callable[..., Synth]:
    """Synthesize a stage, once for each set of arguments."""
    done: dict[tuple[object, ...], Synth] = {}

    def synth(stage: str, release: Path = release_folder, **settings: str) -> Synth:
        key = (stage, release, *sorted(settings.items()))
        if key not in done:
            folder = tmp_path_factory.mktemp(stage)
            result = run_synth(folder, release, stage=stage, **settings)
            assert result.returncode == 0, result.stderr
            templates = (
                Template.from_json(
                    json.loads((folder / f"ChickLearning-{stage}-{part}.template.json").read_text())
                )
                for part in ("Artifacts", "Service")
            )
            done[key] = Synth(folder, *templates)
        return done[key]

    return synth


def _one_file(_release: Path, _target: str, into: Path) -> None:
    (into / "handler.py").touch()


@pytest.fixture(scope="session")
def synth_with(
    tmp_path_factory: pytest.TempPathFactory, release_folder: Path
) -> Callable[..., Synth]:
    """Synthesize dev in this process with some settings overridden, as text, as the CLI does.

    The Lambda's zip, which takes the most of a synth, is one file here.
    """

    def synth(**settings: str) -> Synth:
        folder = tmp_path_factory.mktemp("settings")
        flags = json.loads((ROOT / "cdk.json").read_text())["context"]
        context = {**flags, "release": str(release_folder), **settings}
        app = App(context=context, outdir=str(folder))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("stacks.function.bundle", _one_file)
            build(app)
        stacks = (
            app.node.find_child(f"ChickLearning-dev-{part}") for part in ("Artifacts", "Service")
        )
        return Synth(folder, *map(Template.from_stack, stacks))  # type: ignore[arg-type]

    return synth


@pytest.fixture(scope="session")
def dev(synth_stage: Callable[..., Synth]) -> Synth:
    return synth_stage("dev")


@pytest.fixture(scope="session")
def prod(synth_stage: Callable[..., Synth]) -> Synth:
    return synth_stage("prod")
