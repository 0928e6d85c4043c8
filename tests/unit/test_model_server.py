"""The local container answers as the built-in one: by its recordings, and by cases of our own."""

import gzip
import io
import json
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

from local_cloud.model_server import ModelError, ModelServer, Response
from model_code.release.archive import pack

RECORDINGS = Path(__file__).parents[3] / "shared" / "container"


def recorded_cases() -> list[Any]:
    path = RECORDINGS / "transcript.json"
    return json.loads(path.read_text())["cases"] if path.exists() else []


@cache
def bodies() -> dict[str, str]:
    found: dict[str, str] = json.loads((RECORDINGS / "transcript.json").read_text())["bodies"]
    return found


@pytest.mark.parametrize("case", recorded_cases(), ids=lambda case: str(case["case"]))
def test_answers_as_recorded(case: dict[str, Any]) -> None:
    archive = pack((RECORDINGS / "model.json").read_bytes())
    request, wanted = case["request"], case["response"]
    body = request["body"]
    body = bodies()[body[1:]] if body.startswith("@") else body
    headers = {name.lower(): value for name, value in request["headers"].items()}
    server = ModelServer(archive, case["environment"])
    answer = server.respond(request["method"], request["path"], headers, body.encode())
    assert (answer.status, answer.content_type) == (wanted["status"], wanted["content_type"])
    if "Check failed" in wanted["body"]:  # it goes on with an address in XGBoost
        assert answer.body.startswith("Unable to evaluate payload provided: [")
        assert "Number of columns does not match" in answer.body
    elif wanted["status"] != 500:
        assert answer.body == wanted["body"]


def train(seed: int, features: int = 3) -> bytes:
    rng = np.random.default_rng(seed)
    data = xgboost.DMatrix(rng.random((30, features)), label=np.arange(30) % 3)
    parameters = {"objective": "multi:softprob", "num_class": 3, "nthread": 1}
    return bytes(xgboost.train(parameters, data, 3).save_raw("json"))


def archive(**files: bytes) -> bytes:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as writer:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            writer.addfile(member, io.BytesIO(content))
    return tar.getvalue()


def ask(server: ModelServer, body: str, accept: str = "application/json") -> Response:
    headers = {"content-type": "text/csv", "accept": accept}
    return server.respond("POST", "/invocations", headers, body.encode())


def scores(server: ModelServer, row: str) -> list[float]:
    found: list[float] = json.loads(ask(server, row).body)["predictions"][0]["score"]
    return found


def test_a_short_row_is_scored_without_an_error() -> None:
    assert ask(ModelServer(pack(train(1)), {}), "0.9,0.9").status == 200


def test_a_long_row_is_refused() -> None:
    assert ask(ModelServer(pack(train(1)), {}), "0.1,0.1,0.1,0.1").status == 400


def test_two_models_in_the_archive_are_averaged() -> None:
    alone = [scores(ModelServer(pack(train(seed)), {}), "0.2,0.5,0.9") for seed in (1, 2)]
    both = ModelServer(archive(a=train(1), b=train(2)), {})
    assert scores(both, "0.2,0.5,0.9") == pytest.approx(np.mean(alone, axis=0), abs=1e-6)


def damaged(where: int) -> bytes:
    """Change one byte of a good archive."""
    content = bytearray(pack(train(1)))
    content[where] ^= 0xFF
    return bytes(content)


def a_file_of_less_than_nothing() -> bytes:
    member = tarfile.TarInfo("model")
    member.size = -10_000
    return gzip.compress(member.tobuf() + bytes(1024))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"no archive", id="no archive"),
        pytest.param(archive(), id="no file"),
        pytest.param(archive(model=b""), id="an empty file"),
        pytest.param(archive(model=b"no booster"), id="no booster"),
        pytest.param(damaged(30), id="damaged"),
        pytest.param(damaged(-8), id="another checksum"),
        pytest.param(pack(train(1))[:-100], id="cut"),
        pytest.param(a_file_of_less_than_nothing(), id="a file of less than nothing"),
    ],
)
def test_what_holds_no_model_is_refused(content: bytes) -> None:
    with pytest.raises(ModelError):
        ModelServer(content, {})


def test_another_path_is_not_found() -> None:
    assert ModelServer(pack(train(1)), {}).respond("GET", "/", {}, b"").status == 404
