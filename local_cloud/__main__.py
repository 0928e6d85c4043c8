"""`python -m local_cloud`: serve on a loopback port until stopped."""

import argparse
import asyncio
import os
import signal
import socket
import sys
import threading

LOOPBACK = "127.0.0.1"


def main() -> None:
    """Bind a port, print the URL, serve; with --until-eof, until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m local_cloud", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument(
        "--until-eof", action="store_true", help="stop when standard input ends: with its parent"
    )
    arguments = parser.parse_args()
    listener = socket.create_server((LOOPBACK, arguments.port))
    port = listener.getsockname()[1]
    asyncio.run(_serve(listener.detach(), port, arguments.until_eof))


async def _serve(listener: int, port: int, until_eof: bool) -> None:
    # MiniStack reads these when it is imported.
    os.environ |= {
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "localhost",
        "LOG_LEVEL": "WARNING",
        # Listeners of services that nobody needs here.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    from local_cloud.app import app

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if until_eof:
        threading.Thread(target=_watch_parent, args=(loop, stop), daemon=True).start()
    config = Config()
    config.bind = [f"fd://{listener}"]
    config.loglevel = "WARNING"
    print(f"http://localhost:{port}", flush=True)  # connections wait in the listener's queue
    await serve(app, config, shutdown_trigger=stop.wait)


def _watch_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    loop.call_soon_threadsafe(stop.set)


if __name__ == "__main__":
    main()
