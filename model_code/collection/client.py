"""GET over http(s), to addresses that the guard let through, bounded in size and time."""

import time
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urljoin

import urllib3

from model_code.collection.address_guard import AddressGuard, Target
from model_code.collection.failure import TemporaryError, UselessError
from model_code.collection.politeness import Politeness
from model_code.in_time import in_time

MAX_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
CHUNK = 64 * 1024  # bytes
# No encoding: a photo does not shrink, and what unpacks may unpack to anything.
HEADERS = {"User-Agent": "ChickLearning-collect", "Accept-Encoding": "identity"}


class Answer(NamedTuple):
    """What a host said at the end of the redirects."""

    status: int
    headers: Mapping[str, str]  # by name in any case
    body: bytes


class Client:
    """Asks politely, and nobody but who the guard lets through.

    Parameters
    ----------
    seconds
        For one address, with its redirects, waits of the politeness left out.
    """

    def __init__(
        self, guard: AddressGuard, politeness: Politeness, seconds: float, connections: int
    ) -> None:
        self._guard = guard
        self.politeness = politeness
        self._seconds = seconds
        self._pools = urllib3.PoolManager(num_pools=32, maxsize=connections)

    def get(self, url: str, max_bytes: int) -> Answer:
        """Follow `url` to its end; each hop is checked anew.

        Raises
        ------
        UselessError
            Refused by the guard, too many redirects, or a body longer than `max_bytes`.
        TemporaryError
            Not reached, cut short, or not done in time.
        """
        left = self._seconds
        for _ in range(MAX_REDIRECTS + 1):
            self.politeness.take_turn(url)
            start = time.monotonic()
            answer = self._hop(url, max_bytes, left)
            left -= time.monotonic() - start
            location = answer.headers.get("Location")
            if answer.status not in REDIRECTS or not location:
                return answer
            url = _next_url(url, location)
        raise UselessError(f"more than {MAX_REDIRECTS} redirects")

    def _hop(self, url: str, max_bytes: int, seconds: float) -> Answer:
        # One read after the other may drip, and so may a look-up of a name: all in one bound.
        try:
            return in_time(lambda: self._ask(self._guard.check(url), max_bytes), seconds)
        except TimeoutError as error:
            raise TemporaryError(f"no whole answer in {self._seconds:.0f} s") from error

    def _ask(self, target: Target, max_bytes: int) -> Answer:
        failure: Exception | None = None
        for address in target.addresses:
            try:
                return self._ask_address(target, address, max_bytes)
            except (
                urllib3.exceptions.NewConnectionError,
                urllib3.exceptions.ConnectTimeoutError,
            ) as error:
                failure = error  # another address of the host may be up
            except urllib3.exceptions.HTTPError as error:
                raise TemporaryError(f"{target.host}: {_kind(error)}") from error
        raise TemporaryError(f"{target.host} cannot be reached") from failure

    def _ask_address(self, target: Target, address: str, max_bytes: int) -> Answer:
        # The connection goes to the address; the certificate has to be the host's all the same.
        tls = {"server_hostname": target.host, "assert_hostname": target.host}
        pool = self._pools.connection_from_host(
            address, target.port, target.scheme, tls if target.scheme == "https" else None
        )
        response = pool.urlopen(
            "GET",
            target.path,
            headers={**HEADERS, "Host": target.host_header},
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(connect=min(10, self._seconds), read=self._seconds),
        )
        try:
            return Answer(response.status, response.headers, _body(response, max_bytes))
        except BaseException:
            response.close()  # half read, the connection is of no use to the next one
            raise
        finally:
            response.release_conn()


def _next_url(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise UselessError("a redirect to what is no address") from error


def _body(response: urllib3.BaseHTTPResponse, max_bytes: int) -> bytes:
    body = bytearray()
    while chunk := response.read1(CHUNK, decode_content=False):
        body += chunk
        if len(body) > max_bytes:
            raise UselessError(f"longer than {max_bytes // 1_000_000} MB")
    return bytes(body)


def _kind(error: urllib3.exceptions.HTTPError) -> str:
    kinds = {
        urllib3.exceptions.SSLError: "its certificate is not valid",
        urllib3.exceptions.TimeoutError: "no answer in time",
        urllib3.exceptions.IncompleteRead: "the answer was cut short",
    }
    for kind, sentence in kinds.items():
        if isinstance(error, kind):
            return sentence
    return "the connection broke"
