"""A small Instagram on loopback: its hashtag search, its photos, and its bad days."""

import functools
import io
import json
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image

from model_code.collection import address_guard, graph_api, politeness
from model_code.collection.address_guard import AddressGuard

TOKEN = "fake-token-that-must-not-leak"
USER = "17841400000000001"
TIME = "2019-03-17T11:02:24+0000"


def draw(seed: int, side: int = 40, form: str = "JPEG") -> bytes:
    """Return a photo of noise; another seed gives another one."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, form)
    return content.getvalue()


@dataclass
class Answer:
    """What the server sends instead of what was asked for."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    missing: int = 0  # bytes at the end that are promised and not sent


@dataclass
class Post:
    """A post, with the paths of its photos."""

    id: str
    photos: list[str]
    media_type: str = "IMAGE"


class FakeInstagram:
    """Serves `posts`; `plan` makes it answer otherwise."""

    def __init__(self) -> None:
        self.posts: dict[str, dict[str, list[Post]]] = defaultdict(lambda: defaultdict(list))
        self.photos: dict[str, bytes] = {}
        self.token = TOKEN
        self.headers: dict[str, str] = {}  # of each answer of the API
        self.asked: list[str] = []  # paths, in order
        self.queries: list[dict[str, list[str]]] = []
        self.hosts: list[str | None] = []
        self._plans: dict[str, list[Answer]] = defaultdict(list)
        self._lock = threading.Lock()
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        return f"{self.address}/v25.0"

    @property
    def guard(self) -> AddressGuard:
        """Return a guard that lets through this server, and nothing else on loopback."""
        return AddressGuard(allowed={("127.0.0.1", self.port)})

    def times(self, path: str) -> int:
        return Counter(self.asked)[path]

    def post(self, hashtag: str, *seeds: int, edge: str = "top_media", form: str = "JPEG") -> None:
        """Add a post with a photo for each seed."""
        paths = [f"/photos/{seed}.jpg" for seed in seeds]
        for seed, path in zip(seeds, paths, strict=True):
            self.photos[path] = draw(seed, form=form)
        of = self.posts[hashtag][edge]
        kind = "IMAGE" if len(seeds) == 1 else "CAROUSEL_ALBUM"
        of.append(Post(f"{len(edge)}{len(of)}", paths, kind))

    def publish(self, hashtag: str, photo: bytes) -> None:
        """Add a post of this photo."""
        path = f"/published/{len(self.photos)}.jpg"
        self.photos[path] = photo
        of = self.posts[hashtag]["top_media"]
        of.append(Post(f"p{len(self.photos)}", [path]))

    def plan(self, path: str, *answers: Answer) -> None:
        """Answer the next requests for `path` with these."""
        self._plans[path].extend(answers)

    def answer(self, target: str, host: str | None) -> Answer:
        parts = urlsplit(target)
        with self._lock:
            self.asked.append(parts.path)
            self.queries.append(parse_qs(parts.query))
            self.hosts.append(host)
            if plans := self._plans[parts.path]:
                return plans.pop(0)
        if parts.path in self.photos:
            return Answer(body=self.photos[parts.path], headers={"Content-Type": "image/jpeg"})
        if parts.path.startswith("/v25.0/"):
            return self._api(parts.path.removeprefix("/v25.0/"), parse_qs(parts.query))
        return Answer(404, b"not here")

    def _api(self, path: str, query: dict[str, list[str]]) -> Answer:
        if query.get("access_token") != [self.token] or query.get("user_id") != [USER]:
            return self._json(
                {"error": {"message": "Session has expired", "code": 190, "error_subcode": 463}},
                400,
            )
        hashtags = sorted(self.posts)
        if path == "ig_hashtag_search":
            if query["q"][0] not in hashtags:
                error = {"code": 24, "error_user_msg": "The hashtag does not exist."}
                return self._json({"error": error}, 400)
            return self._json({"data": [{"id": f"1784{hashtags.index(query['q'][0])}"}]})
        node, edge = path.split("/")
        posts = self.posts[hashtags[int(node.removeprefix("1784"))]][edge]
        return self._json(self._page(posts, int(query.get("after", ["0"])[0]), query))

    def _page(self, posts: list[Post], start: int, query: dict[str, list[str]]) -> Any:
        size = min(int(query["limit"][0]), 2)  # small pages: a test needs few posts for several
        page: dict[str, Any] = {"data": [self._media(post) for post in posts[start : start + size]]}
        if start + size < len(posts):
            cursor = str(start + size)
            page["paging"] = {"cursors": {"after": cursor}, "next": "http://elsewhere.example/"}
        return page

    def _media(self, post: Post) -> dict[str, Any]:
        media: dict[str, Any] = {
            "id": post.id,
            "media_type": post.media_type,
            "permalink": f"https://www.instagram.com/p/{post.id}/",
            "timestamp": TIME,
        }
        urls = [f"{self.address}{path}" for path in post.photos]
        if post.media_type == "CAROUSEL_ALBUM":
            children = [
                {"id": str(n), "media_type": "IMAGE", "media_url": u} for n, u in enumerate(urls)
            ]
            return {**media, "children": {"data": children}}
        return {**media, "media_url": urls[0]}

    def _json(self, document: Any, status: int = 200) -> Answer:
        return Answer(status, json.dumps(document).encode(), dict(self.headers))


def put_in_place(fake: FakeInstagram, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command ask the fake instead of the real one, as quickly as it can."""
    api = functools.partial(graph_api.GraphApi, base=fake.base)
    monkeypatch.setattr(graph_api, "GraphApi", api)
    monkeypatch.setattr(address_guard, "AddressGuard", lambda: fake.guard)
    hasty = functools.partial(politeness.Politeness, per_second=1e6)
    monkeypatch.setattr(politeness, "Politeness", hasty)
    monkeypatch.setenv("INSTAGRAM_ACCESS_TOKEN", TOKEN)
    monkeypatch.setenv("INSTAGRAM_USER_ID", USER)


@contextmanager
def serving(fake: FakeInstagram) -> Iterator[FakeInstagram]:
    """Run the server on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: two would wait for each other

        def do_GET(self) -> None:
            answer = fake.answer(self.path, self.headers["Host"])
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) + answer.missing))
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = bool(answer.missing)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield fake
        server.shutdown()
        thread.join()
