"""One run of `collect` that kills itself at a point that the test names.

    python -m tests.unit.collection.killed_run <port> <user> <token> <into> <call> <number>

`call` is what is done to the disk: `fsync`, `write` (half of a row), `replace`; the process is
gone by SIGKILL at that call of that number, or after it for `replaced`.
"""

import itertools
import os
import signal
import sys
from pathlib import Path
from typing import Any

from model_code.collection.address_guard import AddressGuard
from model_code.collection.client import Client
from model_code.collection.collect import collect
from model_code.collection.graph_api import GraphApi
from model_code.collection.hashtags import Hashtags
from model_code.collection.instagram import Instagram
from model_code.collection.politeness import Politeness

CALLS = {
    "fsync": (os, "fsync"),
    "write": (os, "write"),
    "replace": (Path, "replace"),
    "replaced": (Path, "replace"),
}


def plant(call: str, number: int) -> None:
    """Let the process end at a call."""
    owner, name = CALLS[call]
    original = getattr(owner, name)
    calls = itertools.count(1)

    def planted(*arguments: Any) -> Any:
        if next(calls) != number:
            return original(*arguments)
        if call == "write":
            original(arguments[0], arguments[1][: len(arguments[1]) // 2])
        if call == "replaced":
            original(*arguments)
        return os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, planted)


def main(port: int, user: str, token: str, into: Path) -> None:
    client = Client(AddressGuard({("127.0.0.1", port)}), Politeness(per_second=1e6), 5, 4)
    api = GraphApi(client, token, f"http://127.0.0.1:{port}/v25.0")
    source = Instagram(api, user, Hashtags(into, user), {"kyochon": ["교촌치킨"], "BBQ": ["bbq"]})
    list(collect(source, into, 100, client))


if __name__ == "__main__":
    plant(sys.argv[5], int(sys.argv[6]))
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]))
