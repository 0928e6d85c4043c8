"""Instagram's official hashtag search: a hashtag's top and recent posts, by the Graph API.

https://developers.facebook.com/docs/instagram-platform/instagram-api-with-facebook-login/hashtag-search
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from model_code.collection.graph_api import GraphApi
from model_code.collection.hashtags import ID, Hashtags
from model_code.collection.source import Item, utc, web_address
from model_code.errors import UserError

EDGES = ("top_media", "recent_media")  # recent: of the last 24 hours
PAGE = "50"  # posts; the most that the API gives at once
FIELDS = "id,media_type,media_url,permalink,timestamp,children{id,media_type,media_url}"


class Instagram:
    """The photos of hashtags, as an Instagram professional account finds them."""

    name = "instagram"

    def __init__(
        self, api: GraphApi, user: str, hashtags: Hashtags, tags: Mapping[str, Sequence[str]]
    ) -> None:
        self._api = api
        self._user = user
        self._hashtags = hashtags
        self._tags = tags
        hashtags.check_room(tag for of in tags.values() for tag in of)

    @property
    def brands(self) -> Sequence[str]:
        """Return the brands that it has hashtags of."""
        return list(self._tags)

    def items(self, brand: str) -> Iterator[Item]:
        """Yield the photos of a brand's hashtags; a page is asked for when it is needed."""
        for tag in self._tags[brand]:
            hashtag_id = self._id_of(tag)
            for edge in EDGES:
                for post in self._posts(f"{hashtag_id}/{edge}"):
                    yield from _photos(post, brand, f"#{tag}")

    def _id_of(self, tag: str) -> str:
        self._hashtags.count(tag)
        if known := self._hashtags.id_of(tag):
            return known
        rows = _rows(self._api.get("ig_hashtag_search", user_id=self._user, q=tag))
        found = rows[0].get("id") if rows else None
        if not isinstance(found, str) or not ID.fullmatch(found):
            raise UserError(f"Instagram does not know the hashtag #{tag}. Is it spelled so?")
        self._hashtags.found(tag, found)
        return found

    def _posts(self, edge: str) -> Iterator[dict[str, Any]]:
        """Yield the posts of all pages.

        The cursor may be the same on each page, so that posts tell when it goes in a circle.
        """
        seen: set[str] = set()
        cursor: dict[str, str] = {}
        while True:
            page = self._api.get(edge, user_id=self._user, fields=FIELDS, limit=PAGE, **cursor)
            new = [post for post in _rows(page) if str(post.get("id")) not in seen]
            seen.update(str(post.get("id")) for post in new)
            yield from new
            after = _after(page)
            if not new or not after:
                return
            cursor = {"after": after}


def _rows(page: dict[str, Any]) -> list[dict[str, Any]]:
    rows = page.get("data")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _after(page: dict[str, Any]) -> str:
    """Return the cursor of the next page, if there is one.

    The address in `next` has the token in it and may lead anywhere: only its being there counts.
    """
    paging = page.get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return ""
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    return after if isinstance(after, str) else ""


def _photos(post: dict[str, Any], brand: str, query: str) -> Iterator[Item]:
    children = post.get("children")
    for media in [post, *(_rows(children) if isinstance(children, dict) else [])]:
        url = web_address(media.get("media_url"))
        if url and media.get("media_type") == "IMAGE":
            yield Item(
                url=url,
                brand=brand,
                post=web_address(post.get("permalink")),
                time=utc(post.get("timestamp")),
                query=query,
            )
