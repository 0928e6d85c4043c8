"""What instaloader leaves in its folders.

Beside the photo `2019-03-17_11-02-24_UTC.jpg`, or the photos `..._UTC_1.jpg`, `..._UTC_2.jpg` of a
post with several, lies `..._UTC.json.xz` (or `.json`): {"node": {"shortcode", "date" or
"taken_at_timestamp", ...}, "instaloader": {"node_type": "Post", ...}}. Any name may stand in place
of the time (`--filename-pattern`), and the JSON may be missing (`--no-metadata-json`).
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from model_code.collection.json_file import read_json
from model_code.collection.local_folder import LocalFolder, files_below
from model_code.collection.source import Item, utc
from model_code.errors import UserError

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
NUMBER = re.compile(r"_\d+$")
NAMED_TIME = re.compile(r"(\d{4}-\d\d-\d\d)_(\d\d)-(\d\d)-(\d\d)_UTC")
SHORTCODE = re.compile(r"[\w-]{1,64}", re.ASCII)
# Portraits of who posts, and covers: of no use here, and of people.
NO_POSTS = re.compile(r"_(profile_pic|cover)$")


class Instaloader(LocalFolder):
    """The photos of posts in its folders; they are copied, not fetched."""

    name = "instaloader"

    def items(self, brand: str) -> Iterator[Item]:
        """Yield the photos of a brand, by name."""
        for folder in self._folders[brand]:
            for file in files_below(folder):
                if file.suffix.lower() in PHOTO_SUFFIXES and not NO_POSTS.search(file.stem):
                    node = _node(file)
                    yield Item(
                        url=file.as_uri(),
                        brand=brand,
                        post=_post(node),
                        time=_time(node, file),
                        query=folder.name,
                        file=file,
                    )


def _node(photo: Path) -> dict[str, Any]:
    """Return what the JSON beside a photo says of its post; {} if it says nothing."""
    for stem in (photo.stem, NUMBER.sub("", photo.stem)):
        for suffix in (".json.xz", ".json"):
            path = photo.with_name(f"{stem}{suffix}")
            if path.is_file() and not path.is_symlink():
                return _read_node(path)
    return {}


@lru_cache(maxsize=16)  # the photos of one post lie side by side
def _read_node(path: Path) -> dict[str, Any]:
    try:
        document = read_json(path)
    except UserError:
        return {}  # the photo is there all the same; only its provenance is lost
    node = document.get("node") if isinstance(document, dict) else None
    return node if isinstance(node, dict) else {}


def _post(node: dict[str, Any]) -> str:
    code = node.get("shortcode", node.get("code"))
    fits = isinstance(code, str) and SHORTCODE.fullmatch(code)
    return f"https://www.instagram.com/p/{code}/" if fits else ""


def _time(node: dict[str, Any], photo: Path) -> str:
    time = utc(node.get("date", node.get("taken_at_timestamp")))
    named = NAMED_TIME.search(photo.stem)
    if time or not named:
        return time
    day, hour, minute, second = named.groups()
    try:
        return utc(datetime.fromisoformat(f"{day}T{hour}:{minute}:{second}").isoformat())
    except ValueError:
        return ""
