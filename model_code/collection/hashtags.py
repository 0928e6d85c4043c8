"""Which hashtags were asked for lately: Instagram allows 30 different ones in 7 days."""

import json
import re
import time
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from model_code.errors import UserError
from model_code.whole_file import whole_file

HASHTAGS = "hashtags.json"
MOST = 30
PERIOD = 7 * 24 * 3600.0  # s, rolling; asking again within it neither counts nor prolongs it
ID = re.compile(r"\d{1,30}", re.ASCII)


def checked_hashtag(text: str) -> str:
    """Return a hashtag without its #.

    Raises
    ------
    UserError
        It is none: letters, digits and _ of any language, and no emoji, which the API lacks.
    """
    name = unicodedata.normalize("NFC", text.strip().removeprefix("#"))
    if not re.fullmatch(r"\w{1,100}", name):
        raise UserError(f"{text!r} is no hashtag: letters, digits and _ only, without spaces.")
    return name


class Hashtags:
    """The ids of hashtags and when each was asked for, in a small file beside the photos."""

    def __init__(self, folder: Path, user: str, now: Callable[[], float] = time.time) -> None:
        self._path = folder / HASHTAGS
        self._now = now
        self._all = self._read()
        self._mine: dict[str, dict[str, Any]] = self._all.setdefault(user, {})

    def check_room(self, names: Iterable[str]) -> None:
        """Raise a UserError if asking for these would be more than Instagram allows."""
        counted = {name for name in self._mine if self._is_counted(name)}
        new = [name for name in dict.fromkeys(names) if name not in counted]
        if len(counted) + len(new) > MOST:
            raise UserError(
                f"Instagram allows {MOST} different hashtags in 7 days. {len(counted)} were asked "
                f"for, and these are {len(new)} more: {', '.join(new)}. Leave some out"
                f"{self._until(counted)}."
            )

    def id_of(self, name: str) -> str | None:
        """Return the id that Instagram gave a hashtag; ids never change."""
        found = self._mine.get(name, {}).get("id")
        return found if isinstance(found, str) and ID.fullmatch(found) else None

    def count(self, name: str) -> None:
        """Remember, before it is asked, that a hashtag is asked for now."""
        if not self._is_counted(name):
            self._mine[name] = {"id": self.id_of(name), "asked": self._now()}
            self._write()

    def found(self, name: str, hashtag_id: str) -> None:
        """Remember the id of a hashtag that was counted."""
        self._mine[name]["id"] = hashtag_id
        self._write()

    def _is_counted(self, name: str) -> bool:
        asked = self._mine.get(name, {}).get("asked")
        return isinstance(asked, int | float) and self._now() - asked < PERIOD

    def _until(self, counted: Iterable[str]) -> str:
        times = [self._mine[name]["asked"] + PERIOD for name in counted]
        if not times:
            return ""
        free = datetime.fromtimestamp(min(times), UTC)
        return f", or wait: the next is free on {free:%d %b %H:%M} UTC"

    def _read(self) -> dict[str, dict[str, dict[str, Any]]]:
        if not self._path.exists():
            return {}
        try:
            document = json.loads(self._path.read_bytes())
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict) or not all(
            isinstance(tags, dict) and all(isinstance(tag, dict) for tag in tags.values())
            for tags in document.values()
        ):
            raise UserError(
                f"{self._path} is damaged. Delete it: Instagram then counts the hashtags alone."
            )
        return document

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self._all, ensure_ascii=False, indent=1)
        with whole_file(self._path) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
