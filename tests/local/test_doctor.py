"""The doctor against the local cloud: before a deployment, and after."""

import subprocess
import sys
from pathlib import Path

from tests.local.conftest import ROOT, SERVICE, Deployment


def doctor(
    deployment: Deployment, release: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stacks.doctor", "--stage=dev", f"--release={release}", *options],
        cwd=ROOT,
        env=deployment.cloud.environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_tells_what_is_deployed(deployment: Deployment, release_folder: Path) -> None:
    result = doctor(deployment, release_folder)
    assert result.returncode == 0, result.stdout + result.stderr
    told = {line.split()[1]: line for line in result.stdout.splitlines()}
    assert told["quota"].startswith("?")
    assert "the local cloud does not have it" in told["quota"]
    assert "version" in told["bootstrap"]
    assert f"releases/{release_folder.name}/release.json is in the bucket" in told["upload"]
    assert "COMPLETE" in told[SERVICE]
    assert f"is InService, serves release {release_folder.name}" in told["endpoint"]


def test_a_release_that_is_not_there_must_be_made(deployment: Deployment, tmp_path: Path) -> None:
    result = doctor(deployment, tmp_path / "nowhere")
    assert result.returncode == 1
    assert "MEND  release" in result.stdout
    assert "python -m model_code train" in result.stdout


def test_what_other_settings_need_is_asked_too(
    deployment: Deployment, release_folder: Path
) -> None:
    name = "domain_name=chicken.example.com"
    arn = "arn:aws:acm:ap-northeast-2:000000000000:certificate/none"
    settings = ["-c", name, "-c", f"certificate_arn={arn}", "-c", "access_logs=true"]
    result = doctor(deployment, release_folder, *settings)
    assert result.returncode == 1
    assert f"there is no {arn}" in result.stdout
    assert "access logs" in result.stdout
