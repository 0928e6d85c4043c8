"""The API's client, against servers that answer what no API of ours would."""

import http.server
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from model_code import api_request
from model_code.api_client import Answer, ask, ask_several
from model_code.errors import RefusedPhotoError, UserError
from model_code.photo_file import PhotoFile

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


class Api:
    """A server that gives prepared answers, one after another, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[tuple[str, bytes]] = []
        self.kinds: list[str] = []
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                api.asked.append((self.path, body))
                api.kinds.append(self.headers["Content-Type"])
                status, headers, answer = api.answers.pop(0)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, named, body))


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    with api.server:
        thread = threading.Thread(target=api.server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield api
        api.server.shutdown()
        thread.join()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Wait for nothing; return how long it would have been."""
    waited: list[float] = []
    # Not in the module `time` itself, where threads of other tests would be noted too.
    monkeypatch.setattr("model_code.api_request.time", SimpleNamespace(sleep=waited.append))
    return waited


@pytest.mark.parametrize("status", [429, 503, 504])
def test_a_busy_api_is_asked_again(status: int, api: Api, photo: Path, pauses: list[float]) -> None:
    for _ in range(2):
        api.answer(status)
    api.answer(200, document())
    assert ask(api.url, photo).brand == "nene"
    assert [body for _, body in api.asked] == [b"whatever"] * 3
    assert 0.5 <= pauses[0] <= 1.5 and 1 <= pauses[1] <= 3


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("7", 7),
        ("999999", api_request.LONGEST_PAUSE),
        ("Fri, 31 Dec 9999 23:59:59 GMT", api_request.LONGEST_PAUSE),
    ],
)
def test_it_waits_as_long_as_it_is_told_within_reason(
    retry_after: str, seconds: float, api: Api, photo: Path, pauses: list[float]
) -> None:
    api.answer(429, Retry_After=retry_after)
    api.answer(200, document())
    ask(api.url, photo)
    assert pauses == [seconds]


@pytest.mark.parametrize("retry_after", ["", "soon", "-5", "0", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_retry_after_that_says_nothing_is_passed_over(
    retry_after: str, api: Api, photo: Path, pauses: list[float]
) -> None:
    api.answer(503, Retry_After=retry_after)
    api.answer(200, document())
    ask(api.url, photo)
    assert 0.5 <= pauses[0] <= 1.5


def test_an_api_that_stays_busy_is_given_up(api: Api, photo: Path, pauses: list[float]) -> None:
    for _ in range(5):
        api.answer(429, b'{"detail": "Too many requests."}')
    with pytest.raises(UserError, match=r"HTTP 429: Too many requests\.") as caught:
        ask(api.url, photo)
    assert not isinstance(caught.value, RefusedPhotoError)
    assert len(api.asked) == 5 and len(pauses) == 4


@pytest.mark.parametrize("status", [400, 403, 404, 415, 500, 502])
def test_what_will_not_pass_is_not_asked_again(status: int, api: Api, photo: Path) -> None:
    api.answer(status)
    with pytest.raises(UserError, match=f"HTTP {status}"):
        ask(api.url, photo)
    assert len(api.asked) == 1


def files(*contents: bytes) -> list[PhotoFile]:
    return [PhotoFile("a.jpg", len(each), "", partial(bytes, each)) for each in contents]


def several(*answers: object) -> bytes:
    return json.dumps({"answers": answers, "release": "0", "request_id": "1"}).encode()


def one(**changes: object) -> dict[str, object]:
    return {**json.loads(document()), **changes}


PROBLEM = {"type": "urn:x", "title": "t", "status": 415, "detail": "No photo."}


def test_several_photos_are_asked_about_at_once(api: Api) -> None:
    api.answer(200, several(one(), PROBLEM, one(confident=False)))
    first, bad, last = ask_several(api.url, files(*[b"photo"] * 3))
    assert isinstance(first, Answer) and first.confident and first.release == "0"
    assert isinstance(bad, RefusedPhotoError) and str(bad) == "HTTP 415: No photo."
    assert isinstance(last, Answer) and not last.confident
    assert len(api.asked) == 1


def test_a_request_has_no_more_photos_and_bytes_than_are_taken(api: Api) -> None:
    api.answer(200, several(*[one()] * 20))
    api.answer(200, several(one(), one()))
    api.answer(200, document())
    photos = files(*[b"x"] * 21, *[b"x" * 3_000_000] * 2)
    assert len(ask_several(api.url, photos)) == 23
    counts = [len(json.loads(body).get("photos", [])) for _, body in api.asked[:2]]
    assert counts == [20, 2]
    assert all(len(body) < 6_000_000 for _, body in api.asked)


@pytest.mark.parametrize("status", [500, 502])
def test_photos_that_the_api_fails_on_together_are_asked_about_by_halves(
    status: int, api: Api
) -> None:
    api.answer(status)
    api.answer(status)
    api.answer(200, document())
    api.answer(422, b'{"detail": "Too small."}')
    api.answer(200, several(one(), one()))
    first, bad, *rest = ask_several(api.url, files(b"1", b"2", b"3", b"4"))
    assert isinstance(bad, RefusedPhotoError)
    assert [type(answer) for answer in (first, *rest)] == [Answer] * 3


def test_a_photo_that_the_api_fails_on_alone_ends_it(api: Api) -> None:
    api.answer(500)
    api.answer(200, document())
    api.answer(500, b'{"detail": "A mistake."}')
    with pytest.raises(UserError, match=r"HTTP 500: A mistake\.") as caught:
        ask_several(api.url, files(b"1", b"2"))
    assert not isinstance(caught.value, RefusedPhotoError)


@pytest.mark.parametrize(
    "change",
    [
        {"status": 502},
        {"status": 408},
        {"status": 413, "type": "urn:chicklearning:problem:too-slow"},
    ],
)
def test_a_photo_without_an_answer_of_its_own_is_asked_about_alone(
    change: dict[str, object], api: Api
) -> None:
    api.answer(200, several(one(), {**PROBLEM, **change}))
    api.answer(200, document())
    answers = ask_several(api.url, files(b"1", b"2"))
    assert [type(answer) for answer in answers] == [Answer] * 2
    assert api.asked[1] == ("/v1/predict", b"2")


@pytest.mark.parametrize("name", ["photo.jpg", "photo.gif", "photo.txt", "photo"])
def test_a_photo_is_told_by_its_bytes_and_not_by_its_name(
    name: str, api: Api, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(b"whatever")
    api.answer(200, document())
    ask(api.url, tmp_path / name)
    assert api.kinds == ["application/octet-stream"]


def test_only_the_photos_of_one_request_are_in_memory(api: Api) -> None:
    requests_before: list[int] = []

    def load() -> bytes:
        requests_before.append(len(api.asked))
        return b"x" * 4_000_000

    for _ in range(3):
        api.answer(200, document())
    ask_several(api.url, [PhotoFile("a.jpg", 4_000_000, "", load)] * 3)
    assert requests_before == [0, 1, 2]


def test_what_is_larger_than_an_upload_is_not_even_read(api: Api) -> None:
    def load() -> bytes:
        raise AssertionError

    api.answer(200, document())
    large = PhotoFile("a.jpg", 25 * 1024 * 1024 + 1, "", load)
    refused, answer = ask_several(api.url, [large, *files(b"1")])
    assert isinstance(refused, RefusedPhotoError) and "26,214,400 are taken" in str(refused)
    assert isinstance(answer, Answer)


def test_photos_that_are_not_taken_together_are_asked_about_one_by_one(api: Api) -> None:
    api.answer(413, b'{"detail": "Too large together."}')
    api.answer(200, document())
    api.answer(422, b'{"detail": "Too small."}')
    good, bad = ask_several(api.url, files(b"1", b"2"))
    assert isinstance(good, Answer)
    assert isinstance(bad, RefusedPhotoError)
    assert [body for _, body in api.asked[1:]] == [b"1", b"2"]


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([one()], "1 answers about 2 photos"),
        ([one()] * 3, "3 answers about 2 photos"),
        ([one(), {}], "no prediction"),
        ([one(), None], "no prediction"),
    ],
)
def test_answers_that_do_not_fit_the_photos_are_an_error(
    answers: list[object], message: str, api: Api
) -> None:
    api.answer(200, several(*answers))
    with pytest.raises(UserError, match=message) as caught:
        ask_several(api.url, files(b"1", b"2"))
    assert not isinstance(caught.value, RefusedPhotoError)


def form(api: Api, **changes: object) -> bytes:
    whole = {"upload": "id", "url": f"{api.url}/s3", "fields": {"key": "uploads/id"}}
    return json.dumps({**whole, "max_bytes": 10_000_000, **changes}).encode()


LARGE = b"\x89PNG" + b"x" * 4_500_000


def test_a_large_photo_is_uploaded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.answer(201, form(api))
    api.answer(204)
    api.answer(200, document())
    (answer,) = ask_several(api.url, files(LARGE))
    assert isinstance(answer, Answer)
    (asked, wanted), (_, sent), (_, predict) = api.asked
    assert (asked, json.loads(wanted)) == ("/v1/uploads", {"content_type": "image/png"})
    assert LARGE in sent and b"uploads/id" in sent
    assert json.loads(predict) == {"upload": "id"}


def test_a_photo_that_is_larger_than_an_upload_is_refused(api: Api) -> None:
    api.answer(201, form(api, max_bytes=4_500_001))
    (answer,) = ask_several(api.url, files(LARGE))
    assert isinstance(answer, RefusedPhotoError)
    assert "4,500,001 are taken" in str(answer)


def test_an_upload_that_is_not_taken_is_an_error(api: Api) -> None:
    api.answer(201, form(api))
    api.answer(403)
    with pytest.raises(UserError, match=r"did not take .* HTTP 403"):
        ask_several(api.url, files(LARGE))
