"""The local cloud as a process: on loopback, and never left behind."""

import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local_cloud.server import Cloud, running_cloud

START = """
import sys
from pathlib import Path
from local_cloud.server import running_cloud
with running_cloud(Path(sys.argv[1])) as cloud:
    print(cloud.url, flush=True)
    sys.stdin.read()
"""


def is_open(url: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=5):
            return True
    except ConnectionRefusedError:
        return False


def test_it_stops_with_the_block_also_after_an_error(tmp_path: Path) -> None:
    urls = []
    with pytest.raises(KeyError), running_cloud(tmp_path / "log") as cloud:
        urls.append(cloud.url)
        assert is_open(cloud.url)
        raise KeyError
    assert not is_open(urls[0])


def test_it_stops_when_its_program_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", START, str(tmp_path / "log")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        url = program.stdout.readline().strip()
        assert is_open(url)
        program.kill()
    deadline = time.monotonic() + 20
    while is_open(url) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_open(url)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux lists sockets there")
def test_it_listens_on_loopback_only(cloud: Cloud) -> None:
    port = urlsplit(cloud.url).port
    listening = [
        line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and int(line.split()[1].split(":")[1], 16) == port
    ]  # fmt: skip
    assert listening == [f"0100007F:{port:04X}"]


@pytest.mark.parametrize(
    "url", ["https://example.com/dev", "http://abc.execute-api.x.amazonaws.com/dev", ""]
)
def test_only_an_invoke_url_has_a_local_address(cloud: Cloud, url: str) -> None:
    with pytest.raises(ValueError, match="not the URL of an API Gateway stage"):
        cloud.api_url(url)


def test_nothing_of_a_real_account_gets_through(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    environment = cloud.environment()
    assert environment["AWS_ENDPOINT_URL"] == cloud.url
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & set(environment)
