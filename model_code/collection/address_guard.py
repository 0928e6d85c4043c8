"""An address from the net -> the public machine to connect to, or a refusal.

A list of URLs is hostile input: it may name this machine, its network or a cloud's metadata
service, in many spellings, by a name that resolves there, or by a redirect. So nothing is judged
by its spelling. The name is resolved once, every address that it has must be public, and the
connection goes to the address that was judged: a second look-up could answer another one.
"""

import ipaddress
import socket
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

import urllib3

from model_code.collection.failure import TemporaryError, UselessError

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS = {"http": 80, "https": 443}
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits


class Target(NamedTuple):
    """A URL, taken apart, and the addresses that may be connected to for it."""

    scheme: str
    host: str  # as the certificate has it
    port: int
    path: str  # with the query
    addresses: tuple[str, ...]

    @property
    def host_header(self) -> str:
        """Return what the request names as its host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


class AddressGuard:
    """Lets requests go to public addresses over http and https, and nowhere else.

    Parameters
    ----------
    allowed
        (address, port) that are let through all the same: the fake servers of the tests. There
        is no setting for it.
    """

    def __init__(
        self,
        allowed: Collection[tuple[str, int]] = (),
        resolve: Callable[..., Any] = socket.getaddrinfo,
    ) -> None:
        self._allowed = frozenset(allowed)
        self._resolve = resolve

    def check(self, url: str) -> Target:
        """Resolve the host of `url` and judge all of its addresses.

        Raises
        ------
        UselessError
            Not http(s), no host, a user name in it, or an address that is not public.
        TemporaryError
            The name does not resolve at the moment.
        """
        scheme, host, port, path = _parts(url)
        addresses = self._addresses(host, port)
        for address in addresses:
            if not is_public(address) and (str(address), port) not in self._allowed:
                name = host if host == str(address) else f"{host}, which is {address},"
                raise UselessError(f"{name} is not a public address")
        return Target(scheme, host, port, path, tuple(map(str, addresses)))

    def _addresses(self, host: str, port: int) -> list[IpAddress]:
        try:
            found = self._resolve(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise TemporaryError(f"the name {host} does not resolve") from error
        except UnicodeError as error:
            raise UselessError(f"{host} cannot be the name of a host") from error
        addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
        if not addresses:
            raise TemporaryError(f"the name {host} has no address")
        return list(dict.fromkeys(addresses))


def _parts(url: str) -> tuple[str, str, int, str]:
    try:
        parsed = urllib3.util.parse_url(url)
    except urllib3.exceptions.LocationParseError as error:
        raise UselessError("it is no address") from error
    if parsed.scheme not in PORTS:
        raise UselessError("it is not an http or https address")
    if parsed.auth is not None:
        raise UselessError("it has a user name in it")
    if not parsed.host:
        raise UselessError("it names no host")
    host = parsed.host.removeprefix("[").removesuffix("]")
    port = PORTS[parsed.scheme] if parsed.port is None else parsed.port
    return parsed.scheme, host, port, parsed.request_uri


def is_public(address: IpAddress) -> bool:
    """Say whether anybody on the internet reaches the same machine under `address`."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner_address(address)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def _inner_address(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that a mapped, 6to4 or NAT64 address leads to."""
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
