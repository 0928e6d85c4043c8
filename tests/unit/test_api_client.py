"""The API's client, against servers that answer what no API of ours would."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from model_code import api_request
from model_code.api_client import Answer, ask
from model_code.errors import RefusedPhotoError, UserError

Send = Callable[[socket.socket], None]
Serve = Callable[[Send], str]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"whatever")
    return path


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Let a function answer one request; return the URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threads = []

        def start(send: Send) -> str:
            def answer() -> None:
                connection, _ = server.accept()
                with connection:
                    request = b""
                    while not request.endswith(b"whatever"):  # what is left unread resets it
                        request += connection.recv(65536)
                    send(connection)

            threads.append(threading.Thread(target=answer))
            threads[0].start()
            return f"http://127.0.0.1:{server.getsockname()[1]}"

        yield start
        for thread in threads:
            thread.join()


def answering(body: bytes, head: bytes = OK) -> Send:
    return lambda connection: connection.sendall(head % (len(body), body))


def document(**changes: Any) -> bytes:
    rows = [{"brand": "nene", "name": "네네", "probability": 1}]
    whole = {"brand": "nene", "name": "네네", "probabilities": rows, "confident": True}
    return json.dumps({**whole, "release": "0", **changes}).encode()


def test_a_prediction_is_read(serve: Serve, photo: Path) -> None:
    assert ask(serve(answering(document())), photo) == Answer(
        "nene", {"nene": 1.0}, "0", confident=True
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b"null",
        document(brand=None),
        document(release=1),
        document(confident="yes"),
        document(release="\ud800"),
        document(probabilities=[]),
        document(probabilities={}),
        document(probabilities=["nene"]),
        *(
            document(probabilities=[{"brand": "nene", "probability": probability}])
            for probability in ("1", None, True, float("nan"), float("inf"), -0.1, 1.1, 10**400)
        ),
        document(probabilities=[{"brand": ["nene"], "probability": 1}]),
        document(more="x" * 2 * api_request.MAX_ANSWER),
    ],
    ids=lambda body: body[:100],
)
def test_what_is_no_prediction_is_an_error(serve: Serve, photo: Path, body: bytes) -> None:
    with pytest.raises(UserError, match="answered what is no prediction"):
        ask(serve(answering(body)), photo)


@pytest.mark.parametrize("body", [b'{"detail": "It is too small."}', b"It is too small."])
def test_a_refusal_is_passed_on(serve: Serve, photo: Path, body: bytes) -> None:
    head = OK.replace(b"200 OK", b"422 No")
    with pytest.raises(RefusedPhotoError, match=r"HTTP 422: It is too small\."):
        ask(serve(answering(body, head)), photo)


def test_a_refusal_that_is_rubbish_is_passed_on_too(serve: Serve, photo: Path) -> None:
    with pytest.raises(UserError, match=r"HTTP 500: \[\[\["):
        ask(serve(answering(b"[" * 100_000, OK.replace(b"200 OK", b"500 No"))), photo)


@pytest.mark.parametrize(
    "answer", [b"", b"rubbish", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"]
)
def test_an_answer_that_is_cut_short_is_an_error(serve: Serve, photo: Path, answer: bytes) -> None:
    with pytest.raises(UserError, match="does not answer"):
        ask(serve(lambda connection: connection.sendall(answer)), photo)


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX: ", OK % (100, b"")])
def test_an_answer_that_drips_is_waited_for_no_longer_than_the_timeout(
    serve: Serve, photo: Path, start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_request, "TIMEOUT", 0.3)
    given_up = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        while not given_up.wait(0.05):
            connection.sendall(b" ")

    url = serve(drip)
    began = time.monotonic()
    with pytest.raises(UserError, match=r"did not answer in 0\.3 s"):
        ask(url, photo)
    assert time.monotonic() - began < 5
    given_up.set()
