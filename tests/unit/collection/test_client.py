"""Requests: where they go, what they follow, and where they end."""

import socket
import ssl
import subprocess
import threading
import time as real_time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from model_code.collection.address_guard import AddressGuard
from model_code.collection.client import Client
from model_code.collection.download import download
from model_code.collection.failure import TemporaryError, UselessError
from model_code.collection.politeness import Politeness
from tests.unit.collection.conftest import FakeTime
from tests.unit.fake_instagram import Answer, FakeInstagram

Converse = Callable[[socket.socket], None]


def named(name: str, port: int) -> Callable[..., Any]:
    """Return a look-up in which only `name` is the fake's address."""

    def look_up(host: str, port_: int, **_: Any) -> Any:
        assert host == name, host
        return [(0, 0, 0, "", ("127.0.0.1", port_))]

    return look_up


@contextmanager
def speaking(converse: Converse) -> Iterator[int]:
    """Accept one connection after the other on loopback and hand each to `converse`."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=hold, args=(connection,), daemon=True).start()

        def hold(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                converse(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def impatient(port: int, seconds: float = 0.4, **options: Any) -> Client:
    guard = AddressGuard(allowed={("127.0.0.1", port)}, **options)
    return Client(guard, Politeness(per_second=1e6), seconds, connections=1)


def test_a_photo_arrives_as_it_is(client: Client, fake: FakeInstagram) -> None:
    fake.post("tag", 1)
    answer = client.get(f"{fake.address}/photos/1.jpg", 1_000_000)
    assert (answer.status, answer.body) == (200, fake.photos["/photos/1.jpg"])


def test_the_connection_goes_to_the_address_that_was_judged(fake: FakeInstagram) -> None:
    fake.post("tag", 1)
    looked_up = []

    def rebinding(host: str, port: int, **_: Any) -> Any:
        looked_up.append(host)
        return [(0, 0, 0, "", ("127.0.0.1" if len(looked_up) == 1 else "10.0.0.1", port))]

    client = impatient(fake.port, 5, resolve=rebinding)
    url = f"http://photos.example:{fake.port}/photos/1.jpg"
    assert client.get(url, 1_000_000).status == 200
    assert (looked_up, fake.hosts) == (["photos.example"], [f"photos.example:{fake.port}"])
    with pytest.raises(UselessError, match=r"10\.0\.0\.1"):  # a second request is judged anew
        client.get(url, 1_000_000)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(client: Client, fake: FakeInstagram, status: int) -> None:
    fake.post("tag", 1)
    fake.plan("/moved", Answer(status, headers={"Location": "/photos/1.jpg"}))
    assert client.get(f"{fake.address}/moved", 1_000_000).body == fake.photos["/photos/1.jpg"]


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "http://127.0.0.1:1/", "http://127.1/", "http://localhost/",
     "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
     "//10.0.0.1/", "http://2130706433/", "ftp://photos.example/", "http://user@127.0.0.1/",
     "http://[", "http://192.168.0.1/1.jpg", "http://100.64.0.1/", "data:,x", "http://a:b:c/"],
)  # fmt: skip
def test_a_redirect_to_what_is_not_public_is_refused(
    client: Client, fake: FakeInstagram, target: str
) -> None:
    fake.plan("/moved", Answer(302, headers={"Location": target}))
    with pytest.raises(UselessError):
        client.get(f"{fake.address}/moved", 1_000_000)
    assert fake.asked == ["/moved"]


def test_a_refusal_after_several_redirects_is_one_too(client: Client, fake: FakeInstagram) -> None:
    fake.plan("/1", Answer(302, headers={"Location": "/2"}))
    fake.plan("/2", Answer(307, headers={"Location": f"http://127.0.0.1:{fake.port + 1}/"}))
    with pytest.raises(UselessError, match="not a public address"):
        client.get(f"{fake.address}/1", 1_000_000)


def test_redirects_in_a_circle_end(client: Client, fake: FakeInstagram) -> None:
    fake.plan("/round", *[Answer(302, headers={"Location": "/round"})] * 20)
    with pytest.raises(UselessError, match="more than 5 redirects"):
        client.get(f"{fake.address}/round", 1_000_000)
    assert fake.times("/round") == 6


def test_a_redirect_to_nowhere_is_an_answer(client: Client, fake: FakeInstagram) -> None:
    fake.plan("/moved", Answer(302))
    assert client.get(f"{fake.address}/moved", 1_000_000).status == 302


def test_a_body_that_is_cut_short_is_temporary(client: Client, fake: FakeInstagram) -> None:
    fake.plan("/cut", Answer(body=b"half", missing=4))
    with pytest.raises(TemporaryError, match=r"cut short|broke"):
        client.get(f"{fake.address}/cut", 1_000_000)


def test_a_body_that_is_too_long_is_not_read_to_its_end(
    client: Client, fake: FakeInstagram
) -> None:
    fake.plan("/long", Answer(body=b"x" * 3_000_000))
    with pytest.raises(UselessError, match="longer than 1 MB"):
        client.get(f"{fake.address}/long", 1_000_000)


def test_a_packed_body_is_not_unpacked(client: Client, fake: FakeInstagram) -> None:
    fake.plan("/packed", Answer(body=b"\x1f\x8b...", headers={"Content-Encoding": "gzip"}))
    assert client.get(f"{fake.address}/packed", 1_000_000).body == b"\x1f\x8b..."


def drip_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        real_time.sleep(0.02)


def drip_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        connection.sendall(b"x")
        real_time.sleep(0.02)


def say_nothing(connection: socket.socket) -> None:
    connection.recv(65536)
    real_time.sleep(2)


@pytest.mark.parametrize("converse", [drip_body, drip_headers, say_nothing])
def test_an_answer_that_never_ends_is_given_up(converse: Converse) -> None:
    with speaking(converse) as port, pytest.raises(TemporaryError):
        start = real_time.monotonic()
        impatient(port).get(f"http://127.0.0.1:{port}/", 1_000_000)
    assert real_time.monotonic() - start < 1.5


@pytest.mark.parametrize(
    "answer",
    [b"", b"rubbish\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\0" * 100,
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
     b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: x\r\n" % n for n in range(200)) + b"\r\n"],
)  # fmt: skip
def test_an_answer_that_is_no_http_is_temporary(answer: bytes) -> None:
    def converse(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    with speaking(converse) as port, pytest.raises(TemporaryError):
        impatient(port, 5).get(f"http://127.0.0.1:{port}/", 1_000_000)


def test_a_closed_port_is_temporary(fake: FakeInstagram) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(TemporaryError, match="cannot be reached"):
        impatient(port, 5).get(f"http://127.0.0.1:{port}/", 1_000_000)


def test_another_address_of_a_host_is_tried(fake: FakeInstagram) -> None:
    fake.post("tag", 1)

    def two(host: str, port: int, **_: Any) -> Any:
        return [(0, 0, 0, "", (address, port)) for address in ("127.0.0.2", "127.0.0.1")]

    guard = AddressGuard({("127.0.0.1", fake.port), ("127.0.0.2", fake.port)}, resolve=two)
    client = Client(guard, Politeness(per_second=1e6), 5, connections=1)
    assert client.get(f"http://photos.example:{fake.port}/photos/1.jpg", 1_000_000).status == 200


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a certificate of photos.example that it signed itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=photos.example", "-addext",
         "subjectAltName=DNS:photos.example", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


@pytest.mark.parametrize(
    ("name", "trusted", "outcome"),
    [("photos.example", True, "photo"), ("other.example", True, "certificate"),
     ("photos.example", False, "certificate")],
)  # fmt: skip
def test_a_pinned_connection_still_wants_the_certificate_of_the_name(
    certificate: tuple[Path, Path], name: str, trusted: bool, outcome: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    cert, key = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))

    def converse(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(65536)
            tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nphoto")

    with speaking(converse) as port:
        client = impatient(port, 5, resolve=named(name, port))
        url = f"https://{name}:{port}/"
        if outcome == "photo":
            assert client.get(url, 100).body == b"photo"
        else:
            with pytest.raises(TemporaryError, match="certificate is not valid"):
                client.get(url, 100)


def test_a_host_is_asked_at_a_rate(client: Client, fake: FakeInstagram, time: FakeTime) -> None:
    for _ in range(9):
        client.get(f"{fake.address}/x", 100)
    assert sum(time.slept) == pytest.approx(2.0)  # 4 a second


def test_the_wait_for_a_turn_is_not_part_of_the_time_for_an_answer(fake: FakeInstagram) -> None:
    fake.post("tag", 1)
    client, url = impatient(fake.port, seconds=0.2), f"{fake.address}/photos/1.jpg"
    client.politeness.rest(url, 0.3)
    assert client.get(url, 1_000_000).status == 200


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_host_gets_the_rest_that_it_asks_for(
    client: Client, fake: FakeInstagram, time: FakeTime, status: int
) -> None:
    fake.post("tag", 1)
    fake.plan("/photos/1.jpg", Answer(status, headers={"Retry-After": "70"}), Answer(500))
    assert download(client, f"{fake.address}/photos/1.jpg") == fake.photos["/photos/1.jpg"]
    assert time.slept[0] == 70
    assert fake.times("/photos/1.jpg") == 3


def test_a_host_that_wants_a_long_rest_is_left_alone(
    client: Client, fake: FakeInstagram, time: FakeTime
) -> None:
    fake.plan("/1", Answer(429, headers={"Retry-After": "3600"}))
    for _ in range(3):
        with pytest.raises(TemporaryError, match="asks to be left alone"):
            download(client, f"{fake.address}/1")
    assert (fake.times("/1"), time.slept) == (1, [])


def test_the_waits_grow_and_the_tries_end(
    client: Client, fake: FakeInstagram, time: FakeTime
) -> None:
    fake.plan("/1", *[Answer(500)] * 10)
    with pytest.raises(TemporaryError, match="HTTP 500"):
        download(client, f"{fake.address}/1")
    assert fake.times("/1") == 4
    waits = [wait for wait in time.slept if wait >= 0.5]
    assert len(waits) == 3
    for number, wait in enumerate(waits):
        assert 0.5 * 2**number <= wait <= 2**number


@pytest.mark.parametrize("status", [204, 302, 400, 401, 403, 404, 410, 451])
def test_a_status_that_says_no_is_not_asked_again(
    client: Client, fake: FakeInstagram, status: int
) -> None:
    fake.plan("/1", Answer(status))
    with pytest.raises(UselessError, match=f"HTTP {status}"):
        download(client, f"{fake.address}/1")
    assert fake.times("/1") == 1
