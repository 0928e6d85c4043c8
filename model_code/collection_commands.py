"""The command that brings photos in: `collect`."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_code.arguments import whole_number
from model_code.errors import UserError

if TYPE_CHECKING:
    from model_code.collection.client import Client
    from model_code.collection.collect import Summary
    from model_code.collection.source import Source

KINDS = ("instagram", "instagram-crawler", "instaloader", "urls", "folder")
MOST_PHOTOS = (1, 100_000)
SHOWN = 5  # reasons of one kind
TOKEN, USER = "INSTAGRAM_ACCESS_TOKEN", "INSTAGRAM_USER_ID"

SOURCES = f"""\
sources, and what each takes:
  instagram          BRAND=HASHTAG[,HASHTAG...] ...   official API; {TOKEN}
                                                      and {USER} in the environment
  instagram-crawler  BRAND=FILE ...                   posts JSON of huaying/instagram-crawler
  instaloader        BRAND=FOLDER ...                 folders of instaloader
  urls               FILE                             CSV: brand,URL[,post,time,licence]
  folder             BRAND=FOLDER ...                 photos in a folder, however deep

examples:
  python -m model_code collect instagram kyochon=교촌치킨,kyochon BBQ=비비큐 --limit 500
  python -m model_code collect urls list.csv --into photos

docs/collect.md says what Instagram's terms allow.
"""


def add_collection_commands(commands: Any) -> None:
    """Add the command to what `ArgumentParser.add_subparsers` returned."""
    parser = commands.add_parser(
        "collect",
        help="fetch photos by hashtag, crawl, list or folder, with their provenance",
        description="Fetch photos into <into>/<brand>/ and write where each is from into "
        "<into>/photos.csv. Stopped at any moment and started again, it goes on where it was; "
        "nothing is fetched twice.",
        epilog=SOURCES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", choices=KINDS, metavar="source", help="see below")
    parser.add_argument("what", nargs="+", help="what to collect of which brand: see below")
    parser.add_argument(
        "--into", type=Path, default=Path("photos"), help="folder of the photos (photos)"
    )
    parser.add_argument(
        "--limit",
        type=whole_number(*MOST_PHOTOS),
        default=500,
        help="most photos of a brand, with those that are there (500)",
    )
    parser.set_defaults(run=_collect)


def _collect(arguments: argparse.Namespace) -> int:
    from model_code.collection.address_guard import AddressGuard
    from model_code.collection.client import Client
    from model_code.collection.collect import SECONDS_A_PHOTO, WORKERS, collect
    from model_code.collection.politeness import Politeness

    client = Client(AddressGuard(), Politeness(), SECONDS_A_PHOTO, WORKERS)
    source = _source(arguments.source, arguments.what, arguments.into, client)
    nothing_came = False
    for summary in collect(source, arguments.into, arguments.limit, client):
        _tell(summary, arguments.into)
        nothing_came |= bool(summary.failed) and not summary.new
    return int(nothing_came)


def _tell(summary: "Summary", into: Path) -> None:
    """Say what was collected of a brand, and what was not and why."""
    print(f"collected {summary.new} new of {summary.brand} into {into / summary.brand}")
    for reason, count in _most(summary.left_out):
        print(f"left out  {count}: {reason}", file=sys.stderr)
    for reason, count in _most(summary.failed):
        print(f"failed    {count}, tried again next time: {reason}", file=sys.stderr)


def _most(reasons: Counter[str]) -> list[tuple[str, int]]:
    shown = reasons.most_common(SHOWN)
    others = reasons.total() - sum(count for _, count in shown)
    return [*shown, ("other reasons", others)] if others else shown


def _source(kind: str, words: Sequence[str], into: Path, client: "Client") -> "Source":
    if kind == "instagram":
        return _instagram(words, into, client)
    if kind == "urls":
        return _url_list(words)
    return _of_paths(kind, _by_brand(words, lambda text: [Path(text).expanduser()]))


def _instagram(words: Sequence[str], into: Path, client: "Client") -> "Source":
    from model_code.collection.graph_api import GraphApi
    from model_code.collection.hashtags import Hashtags, checked_hashtag
    from model_code.collection.instagram import Instagram

    tags = _by_brand(words, lambda text: [checked_hashtag(tag) for tag in text.split(",")])
    token = _from_environment(TOKEN, "an access token", str.isprintable)
    user = _from_environment(USER, "the number of an Instagram professional account", str.isdecimal)
    return Instagram(GraphApi(client, token), user, Hashtags(into, user), tags)


def _from_environment(name: str, what: str, fits: Callable[[str], bool]) -> str:
    value = os.environ.get(name, "").strip()
    if not value or not value.isascii() or not fits(value):
        state = "is not" if value else "is not set: it has to be"
        raise UserError(
            f"{name} {state} {what}. docs/collect.md says how to get it; then: export {name}=..."
        )
    return value


def _url_list(words: Sequence[str]) -> "Source":
    from model_code.collection.url_list import UrlList

    if len(words) != 1:
        raise UserError("collect urls takes one file. Start it once for each.")
    return UrlList(Path(words[0]))


def _of_paths(kind: str, paths: dict[str, list[Path]]) -> "Source":
    from model_code.collection.instagram_crawler import InstagramCrawler
    from model_code.collection.instaloader import Instaloader
    from model_code.collection.local_folder import LocalFolder

    sources: dict[str, Callable[[dict[str, list[Path]]], Source]] = {
        "instagram-crawler": InstagramCrawler,
        "instaloader": Instaloader,
        "folder": LocalFolder,
    }
    return sources[kind](paths)


def _by_brand(words: Sequence[str], parse: Callable[[str], list[Any]]) -> dict[str, list[Any]]:
    """Parse BRAND=VALUE words; a brand may come several times."""
    from model_code.collection.source import checked_brand

    values: dict[str, list[Any]] = {}
    for word in words:
        brand, equals, text = word.partition("=")
        if not equals or not text:
            raise UserError(f"{word!r} is not BRAND=..., as in kyochon=교촌치킨.")
        values.setdefault(checked_brand(brand), []).extend(parse(text))
    return values
