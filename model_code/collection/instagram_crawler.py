"""The posts that huaying/instagram-crawler wrote: `crawler.py hashtag|posts|posts_full -o FILE`.

A list of objects. `key` is the post's address; `hashtag` and `posts` have one photo a post in
`img_url`, `posts_full` has all in `img_urls` and the time in `datetime`. A post at which the
crawler failed has only some of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from model_code.collection.json_file import read_json
from model_code.collection.source import Item, utc, web_address
from model_code.errors import UserError


class InstagramCrawler:
    """The photos of posts files. They still have to be fetched, which works for some days."""

    name = "instagram-crawler"

    def __init__(self, files: Mapping[str, Sequence[Path]]) -> None:
        self._posts = {
            brand: [(path, post) for path in paths for post in _posts(path)]
            for brand, paths in files.items()
        }

    @property
    def brands(self) -> Sequence[str]:
        """Return the brands that it has files of."""
        return list(self._posts)

    def items(self, brand: str) -> Iterator[Item]:
        """Yield the photos of all posts of a brand, as the files have them."""
        for path, post in self._posts[brand]:
            for url in _photos(post):
                yield Item(
                    url=url,
                    brand=brand,
                    post=web_address(post.get("key")),
                    time=utc(post.get("datetime")),
                    query=path.name,
                )


def _posts(path: Path) -> list[dict[str, Any]]:
    document = read_json(path)
    posts = document if isinstance(document, list) else []
    posts = [post for post in posts if isinstance(post, dict)]
    if not any(_photos(post) for post in posts):
        raise UserError(
            f"{path} has no posts with photos. Name what instagram-crawler wrote with -o in its "
            "mode hashtag, posts or posts_full."
        )
    return posts


def _photos(post: dict[str, Any]) -> list[str]:
    several = post.get("img_urls")
    urls = [post.get("img_url"), *(several if isinstance(several, list) else [])]
    return [url for url in map(web_address, urls) if url]
