"""The main job from photos to an answer, on this machine: `make demo`, `make up`.

Every step is a command that a person could run; it is shown before it runs.
"""

import argparse
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from local_cloud import accepted
from local_cloud.server import Cloud, running_cloud

STAGE = "dev"
ARTIFACTS, SERVICE = f"ChickLearning-{STAGE}-Artifacts", f"ChickLearning-{STAGE}-Service"
WORK = Path("build/demo")
PHOTOS, UNSEEN, RELEASES = WORK / "photos", WORK / "unseen", WORK / "releases"
RELEASE = RELEASES / "latest"
PHOTO = UNSEEN / "kyochon" / "0000.jpg"
LOG = WORK / "demo.log"
CLOUD_LOG = WORK / "cloud.log"

console = Console(highlight=False)


class Runner:
    """Runs the steps: numbers, shows and times them."""

    def __init__(self) -> None:
        self.environment = dict(os.environ)
        self.number = 0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Say what happens now, and afterwards how long it took."""
        self.number += 1
        console.print(f"\n[bold cyan]{self.number:2}[/]  [bold]{title}[/]")
        start = time.monotonic()
        yield
        console.print(f"    [green]done[/] in {time.monotonic() - start:.1f} s")

    def model_code(self, *arguments: str | Path) -> None:
        """Run a command of ours; what it prints is for people, so it is shown."""
        self._show("python", "-m", "model_code", *arguments)
        command = [sys.executable, "-m", "model_code", *map(str, arguments)]
        with subprocess.Popen(command, env=self.environment) as process:
            try:
                status = process.wait()
            except KeyboardInterrupt:
                process.terminate()
                process.wait()  # Ctrl-C reached it too; it ends what it started
                raise
        if status:
            raise subprocess.CalledProcessError(status, command)

    def cdk(self, *arguments: str) -> None:
        """Run the CDK CLI; its many lines go to the log."""
        self._show("cdk", *arguments)
        with LOG.open("a") as log:
            subprocess.run(
                ["cdk", *arguments], env=self.environment, check=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    @staticmethod
    def _show(*command: str | Path) -> None:
        console.print(f"    [dim]$ {shlex.join(map(str, command))}[/]", markup=True, soft_wrap=True)


def train(run: Runner) -> None:
    """Draw photos and make a release of them, where that was not done before."""
    with run.step("Draw sample photos: four brands, and a few that training will not see"):
        run.model_code("samples", PHOTOS, "--photos-per-brand", "80", "--seed", "1")
        run.model_code("samples", UNSEEN, "--photos-per-brand", "1", "--seed", "2")
    with run.step("Train on them and write the release"):
        run.model_code("train", PHOTOS, "--work", WORK / "training", "--releases", RELEASES)


def deploy(run: Runner) -> None:
    """Take the way that a deployment to AWS takes, command by command."""
    app = ["--app", str(WORK / "cdk.out")]
    with run.step("Synthesize the template"):
        run.cdk(
            "synth", "--quiet", "--output", str(WORK / "cdk.out"),
            "--context", f"stage={STAGE}", "--context", f"release={RELEASE}",
            "--context", "packages=host",
        )  # fmt: skip
    with run.step("Bootstrap the account"):
        run.cdk("bootstrap", *app)
    with run.step("Deploy the bucket"):
        run.cdk("deploy", ARTIFACTS, "--require-approval", "never", *app)
    with run.step("Upload the release to it"):
        run.model_code("upload", RELEASE, "--stack", ARTIFACTS)
    with run.step("Deploy the endpoint and the API"):
        run.cdk("deploy", SERVICE, "--require-approval", "never", *app)
        tell_accepted()


def tell_accepted() -> None:
    """Repeat what the local cloud took without emulating it."""
    lines = CLOUD_LOG.read_text(errors="replace").splitlines()
    for line in (line for line in lines if line.startswith(accepted.SAID)):
        console.print(line, markup=False, soft_wrap=True)


def ask(run: Runner, url: str) -> None:
    """Post a photo that training has not seen, then the golden ones."""
    with run.step("Send the API a photo that training has not seen"):
        run.model_code("predict", PHOTO, "--url", url)
    with run.step("Replay the golden photos: the same answers as on the day of the training"):
        run.model_code("replay", RELEASE, "--url", url)


def tear_down(run: Runner) -> None:
    """Remove what was deployed, as on AWS."""
    with run.step("Take everything down"):
        run.cdk("destroy", SERVICE, "--force", "--app", str(WORK / "cdk.out"))
        run.model_code("empty", "--stack", ARTIFACTS)
        run.cdk("destroy", ARTIFACTS, "--force", "--app", str(WORK / "cdk.out"))


def keep_up(url: str) -> None:
    """Tell how to call the API, then wait for Ctrl-C."""
    console.print("\n[bold]The API is up[/] until you press Ctrl-C.")
    console.print(f"    Page  {url}/", soft_wrap=True)
    console.print(f"    URL   {url}", soft_wrap=True)
    console.print(
        f"    Try   curl -H 'Content-Type: image/jpeg' --data-binary @{PHOTO} {url}/v1/predict\n",
        soft_wrap=True,
    )
    signal.pause()


def demonstrate(keep: bool) -> None:
    """Run the main job once; take all down at the end, or keep it up until Ctrl-C."""
    WORK.mkdir(parents=True, exist_ok=True)
    LOG.unlink(missing_ok=True)
    run = Runner()
    train(run)
    with running_cloud(CLOUD_LOG) as cloud:
        run.environment = cloud.environment()
        console.print(f"\n    From here on, {cloud.url} takes the place of AWS.")
        deploy(run)
        url = api_url(cloud)
        ask(run, url)
        if keep:
            keep_up(url)
        else:
            tear_down(run)


def api_url(cloud: Cloud) -> str:
    """Return the deployed API's address on this machine."""
    (stack,) = cloud.client("cloudformation").describe_stacks(StackName=SERVICE)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    return cloud.api_url(outputs["ApiUrl"])


def main() -> int:
    """Run the demo; whatever ends it, nothing is left running."""
    parser = argparse.ArgumentParser(prog="python -m local_cloud.demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="keep the API up until Ctrl-C")
    keep = parser.parse_args().keep
    if shutil.which("cdk") is None:
        console.print("The command cdk is not on the PATH. Run this through make: make demo")
        return 1
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        demonstrate(keep)
    except subprocess.CalledProcessError as error:
        console.print(f"\n[red]failed:[/] {shlex.join(map(str, error.cmd))}", soft_wrap=True)
        console.print(_log_end(), markup=False)
        console.print(f"The whole log: {LOG}. Nothing was left running.")
        return 1
    except KeyboardInterrupt:
        console.print("\nStopped. Nothing was left running.")
        return 0 if keep else 130
    console.print("\n[green]Everything worked, and everything was taken down.[/]")
    return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _log_end() -> str:
    return "\n".join(LOG.read_text(errors="replace").splitlines()[-25:]) if LOG.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
