"""Photos asked about one by one against all in one request, and a large photo by upload.

Against an API that is up, as that of `make up`: `python -m bench.requests $URL`
"""

import argparse
import base64
import io
import json
from collections.abc import Callable
from typing import Any

import urllib3
from PIL import Image

from bench.timing import medians

ROUNDS = 9
PHOTOS = 20
JSON = {"Content-Type": "application/json"}
HTTP = urllib3.PoolManager(retries=False)


def photo(width: int, height: int) -> bytes:
    """Draw a JPEG with as much detail as a camera's photo of that size has bytes for."""
    file = io.BytesIO()
    noise = Image.effect_noise((width // 4, height // 4), 60).convert("RGB")
    noise.resize((width, height), Image.Resampling.BICUBIC).save(file, "JPEG", quality=92)
    return file.getvalue()


def post(url: str, body: bytes | dict[str, Any], headers: dict[str, str] = JSON) -> dict[str, Any]:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = HTTP.request("POST", url, body=sent, headers=headers)
    if response.status >= 300:
        raise SystemExit(f"{url}: HTTP {response.status}: {response.data.decode()}")
    document: dict[str, Any] = json.loads(response.data)
    return document


def upload(url: str, jpeg: bytes) -> str:
    """Upload a photo; return its id."""
    form = post(f"{url}/v1/uploads", {"content_type": "image/jpeg"})
    fields = {**form["fields"], "file": ("photo.jpg", jpeg)}
    sent = HTTP.request("POST", form["url"], fields=fields)
    if sent.status >= 300:
        raise SystemExit(f"{form['url']}: HTTP {sent.status}")
    return str(form["upload"])


def main() -> None:
    """Ask in each way, and print the median seconds."""
    parser = argparse.ArgumentParser(prog="python -m bench.requests", description=__doc__)
    parser.add_argument("url", help="the API's URL")
    url = parser.parse_args().url
    small, large = photo(640, 640), photo(4000, 3000)
    predict, text = f"{url}/v1/predict", base64.b64encode(small).decode()
    there = upload(url, large)
    sides: dict[str, Callable[[], object]] = {
        f"{PHOTOS} photos of 640x640, a request each": lambda: [
            post(predict, small, {"Content-Type": "image/jpeg"}) for _ in range(PHOTOS)
        ],
        f"{PHOTOS} photos of 640x640, one request": lambda: post(
            predict, {"photos": [text] * PHOTOS}
        ),
        "a photo of 4000x3000: form and upload": lambda: upload(url, large),
        "a photo of 4000x3000: the answer": lambda: post(predict, {"upload": there}),
    }
    times = medians(sides, ROUNDS)
    print(f"640x640: {len(small):,} bytes; 4000x3000: {len(large):,} bytes")
    for side, seconds in times.items():
        print(f"{side:45} {seconds * 1000:8.0f} ms")


if __name__ == "__main__":
    main()
