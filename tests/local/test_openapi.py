"""The deployed API keeps what its OpenAPI document says: hundreds of requests made from it."""

import re
import subprocess
from pathlib import Path

from tests.local.conftest import Deployment

CONFIG = Path(__file__).with_name("schemathesis.toml")


def test_the_deployed_api_keeps_its_document(deployment: Deployment, tmp_path: Path) -> None:
    url = deployment.url
    command = [
        "schemathesis", "--config-file", str(CONFIG),
        "run", f"{url}/v1/openapi.json", "--url", url, "--no-color",
    ]  # fmt: skip
    result = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Tested: 6" in result.stdout  # all but the one that gives the document itself
    generated = re.search(r"(\d+) generated", result.stdout)
    assert generated and int(generated[1]) > 200
