"""Start the local cloud beside a program, and never leave it behind."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import boto3

REGION = "ap-northeast-2"
INVOKE_URL = re.compile(r"https://(?P<api>\w+)\.execute-api\.[^/]+/(?P<stage>[^/]+)/?")


class Cloud(NamedTuple):
    """A running local cloud."""

    url: str

    def environment(self) -> dict[str, str]:
        """Return this process's environment, with the local cloud in the place of AWS."""
        return {
            **_without_aws(),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str) -> Any:
        """Make a boto3 client for it."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - it opens nothing
        )

    def api_url(self, invoke_url: str) -> str:
        """Return where the API that a template calls `invoke_url` answers on this machine.

        By path: `<api>.execute-api.localhost` works too, but not every resolver knows it.
        """
        found = INVOKE_URL.fullmatch(invoke_url)
        if found is None:
            raise ValueError(f"{invoke_url} is not the URL of an API Gateway stage.")
        return f"{self.url}/_aws/execute-api/{found['api']}/{found['stage']}"


@contextmanager
def running_cloud(log: Path) -> Iterator[Cloud]:
    """Start a local cloud of its own on a free loopback port; stop it whatever happens.

    It also stops when this process dies, since its standard input ends then. It and what it
    starts, the Lambdas, write to a temporary folder that goes with it.
    """
    with (
        tempfile.TemporaryDirectory() as temporary,
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "local_cloud", "--until-eof"],
            env={**_without_aws(), "TMPDIR": temporary},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            start_new_session=True,  # Ctrl-C is for this process, which then stops it in order
        ) as process,
    ):
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            url = process.stdout.readline().strip()
            if not url:
                raise RuntimeError(f"The local cloud did not start; see {log}.")
            yield Cloud(url)
        finally:
            _stop(process)


def _without_aws() -> dict[str, str]:
    """Return this process's environment without anything that points at a real account."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # its Lambda workers are in its group
