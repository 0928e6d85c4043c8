"""No request leaves for this machine, its network or a cloud's metadata, however it is spelled."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from model_code.collection.address_guard import AddressGuard
from model_code.collection.failure import TemporaryError, UselessError


def resolver(*addresses: str) -> Callable[..., Any]:
    """Return a look-up that gives these addresses to any name."""
    return lambda host, port, **_: [(0, 0, 0, "", (address, port)) for address in addresses]


# The system's own look-up decides what these spellings mean; none of them needs a network.
SPELLINGS = [
    "http://127.0.0.1/", "http://127.1/", "http://127.0.1/", "http://0x7f.1/",
    "http://0x7f000001/", "http://2130706433/", "http://017700000001/", "http://0177.0.0.1/",
    "http://127.0.0.1:80/", "http://127.0.0.1./", "http://0/", "http://0.0.0.0/",
    "http://localhost/", "http://LOCALHOST/", "http://127.8.8.8/", "https://127.0.0.1/",
    "http://10.0.0.1/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://0xA9FEA9FE/",
    "http://100.64.0.1/", "http://100.127.255.255/", "http://192.0.2.1/", "http://198.18.0.1/",
    "http://224.0.0.1/", "http://239.255.255.255/", "http://240.0.0.1/", "http://255.255.255.255/",
    "http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://[::ffff:169.254.169.254]/", "http://[::ffff:10.0.0.1]/",
    "http://[::127.0.0.1]/", "http://[fe80::1]/", "http://[fd00::1]/", "http://[fc00::1]/",
    "http://[fec0::1]/", "http://[ff02::1]/", "http://[fd00:ec2::254]/", "http://[2001:db8::1]/",
    "http://[64:ff9b::127.0.0.1]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::]/",
]  # fmt: skip


@pytest.mark.parametrize("url", SPELLINGS)
def test_an_address_that_is_not_public_is_refused_in_any_spelling(url: str) -> None:
    with pytest.raises((UselessError, TemporaryError)):
        AddressGuard().check(url)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.7", "172.20.0.1", "169.254.169.254", "100.100.100.200",
     "0.1.2.3", "224.0.0.251", "::1", "fd12::1", "fe80::1%2", "::ffff:192.168.0.1",
     "2002:c0a8:1::", "64:ff9b::10.0.0.1", "ff0e::1"],
)  # fmt: skip
def test_a_name_that_resolves_to_an_address_that_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(UselessError, match="not a public address"):
        AddressGuard(resolve=resolver(address)).check("https://photos.example/1.jpg")


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    guard = AddressGuard(resolve=resolver("93.184.216.34", "10.0.0.1"))
    with pytest.raises(UselessError, match=r"10\.0\.0\.1"):
        guard.check("https://photos.example/1.jpg")


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::8.8.8.8",
                                     "::ffff:8.8.8.8", "2002:808:808::"])  # fmt: skip
def test_a_public_address_is_let_through(address: str) -> None:
    target = AddressGuard(resolve=resolver(address)).check("https://photos.example/a/1.jpg?s=2#f")
    assert target.host_header == "photos.example"
    assert (target.port, target.path, len(target.addresses)) == (443, "/a/1.jpg?s=2", 1)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "FILE:///etc/passwd", "ftp://photos.example/1.jpg", "gopher://x.example",
     "data:image/png;base64,AAAA", "javascript:alert(1)", "//photos.example/1.jpg", "/etc/passwd",
     "photos.example/1.jpg", "", " ", "http://", "http:///1.jpg", "https://:443/",
     "http://photos.example:99999/", "http://photos.example:x/", "http://[::1", "http://[v1.x]/",
     "http://user@photos.example/", "http://user:word@photos.example/",
     "http://photos.example@127.0.0.1/", "http://127.0.0.1@photos.example/"],
)  # fmt: skip
def test_what_is_not_a_plain_web_address_is_refused_without_a_look_up(url: str) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("looked up")

    with pytest.raises(UselessError):
        AddressGuard(resolve=never).check(url)


@pytest.mark.parametrize(
    ("url", "host"),
    [("http://photos.example#@127.0.0.1/", "photos.example"),
     ("http://photos.example?@127.0.0.1/", "photos.example"),
     ("http://photos.example/@127.0.0.1/", "photos.example"),
     ("http://127.0.0.1.photos.example/", "127.0.0.1.photos.example"),
     ("http://PHOTOS.example/", "photos.example"),
     ("http://photos.example\\@127.0.0.1/", "photos.example"),
     ("http://@photos.example/", "photos.example"),
     ("http://bücher.example/", "xn--bcher-kva.example")],
)  # fmt: skip
def test_the_host_that_is_judged_is_the_one_that_is_asked(url: str, host: str) -> None:
    asked = []

    def look_up(name: str, port: int, **_: Any) -> Any:
        asked.append(name)
        return [(0, 0, 0, "", ("93.184.216.34", port))]

    target = AddressGuard(resolve=look_up).check(url)
    assert asked == [target.host] == [host]


def test_a_name_that_does_not_resolve_may_do_so_later() -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(TemporaryError, match="does not resolve"):
        AddressGuard(resolve=fail).check("https://photos.example/")
    with pytest.raises(TemporaryError, match="no address"):
        AddressGuard(resolve=resolver()).check("https://photos.example/")


def test_a_label_that_no_name_has_is_refused() -> None:
    with pytest.raises((UselessError, TemporaryError)):
        AddressGuard().check(f"http://{'a' * 70}.example/")


def test_the_exception_of_the_tests_holds_for_one_port_of_one_address() -> None:
    guard = AddressGuard(allowed={("127.0.0.1", 4000)})
    assert guard.check("http://127.0.0.1:4000/").addresses == ("127.0.0.1",)
    for other in ("http://127.0.0.1:4001/", "http://127.0.0.2:4000/", "http://[::1]:4000/"):
        with pytest.raises(UselessError):
            guard.check(other)
