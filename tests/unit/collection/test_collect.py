"""Photos into a folder: each once, each with where it is from, whatever goes wrong."""

import csv
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from model_code.collection import collect as collect_module
from model_code.collection.address_guard import AddressGuard
from model_code.collection.client import Client
from model_code.collection.collect import Summary, collect
from model_code.collection.local_folder import LocalFolder
from model_code.collection.manifest import same_photo_key
from model_code.collection.politeness import Politeness
from model_code.collection.source import Item
from model_code.dataset import scan
from model_code.errors import UserError
from tests.unit.collection.conftest import FakeTime
from tests.unit.fake_instagram import Answer, FakeInstagram, draw


class Listed:
    """A source that yields what a test says."""

    name = "listed"

    def __init__(self, items: Sequence[Item], failure: Exception | None = None) -> None:
        self._items = items
        self._failure = failure

    @property
    def brands(self) -> Sequence[str]:
        return list(dict.fromkeys(item.brand for item in self._items))

    def items(self, brand: str) -> Iterator[Item]:
        yield from (item for item in self._items if item.brand == brand)
        if self._failure:
            raise self._failure


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "photos"


def items(fake: FakeInstagram, *seeds: int, brand: str = "kyochon") -> list[Item]:
    fake.post(brand, *seeds)
    return [Item(f"{fake.address}/photos/{seed}.jpg", brand, "post", "time") for seed in seeds]


def run(source: Listed | LocalFolder, into: Path, client: Client, limit: int = 100) -> Summary:
    return list(collect(source, into, limit, client))[-1]


def rows(into: Path) -> list[dict[str, str]]:
    with (into / "photos.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def check_whole(into: Path) -> None:
    """Each row has its photo, each photo its row, once, and nothing else lies about."""
    paths = [row["path"] for row in rows(into)]
    files = [path for path in into.glob("*/*") if path.is_file()]
    assert sorted(paths) == sorted(file.relative_to(into).as_posix() for file in files)
    assert len(set(paths)) == len(paths)
    for row in rows(into):
        assert hashlib.sha256((into / row["path"]).read_bytes()).hexdigest() == row["sha256"]


def test_photos_and_their_provenance(fake: FakeInstagram, client: Client, into: Path) -> None:
    source = Listed(items(fake, 1, 2, 3))
    assert run(source, into, client).new == 3
    check_whole(into)
    row = next(row for row in rows(into) if row["url"].endswith("/2.jpg"))
    digest = hashlib.sha256(fake.photos["/photos/2.jpg"]).hexdigest()
    assert row == {
        "path": f"kyochon/{digest[:16]}.jpg", "source": "listed", "post": "post", "time": "time",
        "licence": "", "query": "", "url": f"{fake.address}/photos/2.jpg", "sha256": digest,
    }  # fmt: skip


def test_nothing_is_fetched_twice(fake: FakeInstagram, client: Client, into: Path) -> None:
    fake.plan("/gone", Answer(404))
    source = Listed([*items(fake, 1, 2, 1), Item(f"{fake.address}/gone", "kyochon")] * 2)
    run(source, into, client)
    again = run(source, into, client)
    assert (again.new, again.left_out.total(), again.failed.total()) == (0, 0, 0)
    assert sorted(fake.asked) == ["/gone", "/photos/1.jpg", "/photos/2.jpg"]
    assert (into / "left-out.csv").read_text().count("HTTP 404") == 1


def test_a_photo_of_instagram_is_not_fetched_again_from_a_new_address(
    fake: FakeInstagram, into: Path
) -> None:
    items(fake, 1)
    hosts = ("scontent-1.cdninstagram.com", "scontent-2.cdninstagram.com", "x.fbcdn.net")
    urls = [f"http://{host}:{fake.port}/photos/1.jpg?oh={n}" for n, host in enumerate(hosts)]
    guard = AddressGuard(
        {("127.0.0.1", fake.port)},
        resolve=lambda host, port, **_: [(0, 0, 0, "", ("127.0.0.1", port))],
    )
    client = Client(guard, Politeness(per_second=1e6), 5, 4)
    run(Listed([Item(url, "kyochon") for url in urls[:2]]), into, client)
    run(Listed([Item(url, "kyochon") for url in urls]), into, client)
    assert len(fake.asked) == len(rows(into)) == 1


def test_what_failed_is_tried_again(fake: FakeInstagram, client: Client, into: Path) -> None:
    fake.plan("/photos/1.jpg", *[Answer(500)] * 4)
    source = Listed(items(fake, 1, 2))
    first = run(source, into, client)
    assert (first.new, dict(first.failed)) == (1, {"HTTP 500": 1})
    assert run(source, into, client).new == 1
    check_whole(into)


def test_a_download_that_is_cut_short_is_tried_again(
    fake: FakeInstagram, client: Client, into: Path
) -> None:
    source = Listed(items(fake, 1))
    half = fake.photos["/photos/1.jpg"][:200]
    fake.plan("/photos/1.jpg", Answer(body=half, missing=100), Answer(body=half, missing=100))
    assert run(source, into, client).new == 1
    check_whole(into)


def test_half_a_photo_that_calls_itself_whole_is_left_for_the_next_run(
    fake: FakeInstagram, client: Client, into: Path
) -> None:
    source = Listed(items(fake, 1))
    fake.plan("/photos/1.jpg", Answer(body=fake.photos["/photos/1.jpg"][:-99]), Answer(body=b""))
    assert "damaged" in str(run(source, into, client).failed)
    assert "empty" in str(run(source, into, client).failed)
    assert run(source, into, client).new == 1


NO_PHOTO = "the bytes are not a photo"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>log in</html>", NO_PHOTO),
        (b"\0" * 1000, NO_PHOTO),
        (b"{}", NO_PHOTO),
        (b"GIF89a" + b"\0" * 50, "the file is of the format GIF, which is not taken"),
        (b"%PDF-1.4", "the file is of the format PDF, which is not taken"),
    ],
    ids=["html", "zeros", "json", "gif", "pdf"],
)
def test_what_is_no_photo_is_left_out_with_its_reason(
    fake: FakeInstagram, client: Client, into: Path, body: bytes, reason: str
) -> None:
    fake.plan("/photos/1.jpg", Answer(body=body, headers={"Content-Type": "image/jpeg"}))
    summary = run(Listed(items(fake, 1, 2)), into, client)
    assert (summary.new, dict(summary.left_out)) == (1, {reason: 1})
    check_whole(into)


def test_a_photo_that_is_too_small_or_too_long_is_left_out(
    fake: FakeInstagram, client: Client, into: Path
) -> None:
    source = Listed(items(fake, 1, 2))
    fake.photos["/photos/1.jpg"] = draw(1, side=8)
    fake.photos["/photos/2.jpg"] = b"\xff\xd8\xff" + b"x" * 20_000_001
    reasons = run(source, into, client).left_out
    assert sorted(reasons) == ["longer than 20 MB", "the photo is 8x8 pixels"]


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://127.0.0.1:1/x.jpg", "http://169.254.169.254/x", "http://[::1]/",
     "http://localhost/x.jpg", "ftp://a.example/", "", "x", "http://["],
)  # fmt: skip
def test_an_address_that_is_not_public_is_left_out(
    fake: FakeInstagram, client: Client, into: Path, url: str
) -> None:
    summary = run(Listed([Item(url, "kyochon"), *items(fake, 1)]), into, client)
    assert (summary.new, summary.left_out.total()) == (1, 1)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_named_by_what_it_is(
    fake: FakeInstagram, client: Client, into: Path, form: str
) -> None:
    source = Listed(items(fake, 1))
    fake.photos["/photos/1.jpg"] = draw(1, form=form)
    run(source, into, client)
    assert rows(into)[0]["path"].endswith({"JPEG": ".jpg"}.get(form, f".{form.lower()}"))


def test_the_same_content_from_another_address_is_left_out(
    fake: FakeInstagram, client: Client, into: Path
) -> None:
    source = Listed(items(fake, 1, 2))
    fake.photos["/photos/2.jpg"] = fake.photos["/photos/1.jpg"]
    for _ in range(2):
        run(source, into, client)
    check_whole(into)
    assert (len(rows(into)), len(fake.asked)) == (1, 2)


def test_a_photo_of_two_brands_is_fetched_once_and_lies_under_both(
    fake: FakeInstagram, client: Client, into: Path
) -> None:
    run(Listed([*items(fake, 1), *items(fake, 1, brand="BBQ")]), into, client)
    assert sorted(row["path"].split("/")[0] for row in rows(into)) == ["BBQ", "kyochon"]
    assert fake.times("/photos/1.jpg") == 1
    check_whole(into)


def test_the_limit_counts_what_is_there(fake: FakeInstagram, client: Client, into: Path) -> None:
    fake.plan("/photos/1.jpg", Answer(404))
    source = Listed(items(fake, *range(20)))
    assert run(source, into, client, limit=5).new == 5
    assert run(source, into, client, limit=5).new == 0
    assert run(source, into, client, limit=7).new == 2
    assert len(fake.asked) <= 12


def test_a_photo_that_a_person_deleted_stays_deleted(
    fake: FakeInstagram, client: Client, into: Path
) -> None:
    source = Listed(items(fake, 1, 2))
    run(source, into, client)
    (into / rows(into)[0]["path"]).unlink()
    assert run(source, into, client).new == 0
    assert len(fake.asked) == 2


def test_a_photo_of_a_person_stays_and_is_adopted_if_it_is_the_same(
    fake: FakeInstagram, client: Client, into: Path
) -> None:
    source = Listed(items(fake, 1))
    run(source, into, client)
    own = into / "kyochon" / "mine.jpg"
    own.write_bytes(b"mine")
    (into / "photos.csv").unlink()
    assert run(source, into, client).new == 1
    assert own.read_bytes() == b"mine"
    assert len(list((into / "kyochon").iterdir())) == 2


def test_what_the_source_fails_at_does_not_lose_what_it_gave(
    fake: FakeInstagram, client: Client, into: Path
) -> None:
    source = Listed(items(fake, *range(9)), UserError("the token has expired"))
    summaries = collect(source, into, 100, client)
    assert next(summaries).new == 9
    with pytest.raises(UserError, match="token"):
        next(summaries)
    check_whole(into)


@pytest.mark.parametrize("bound", ["MAX_BYTES", "MAX_SECONDS"])
def test_a_run_has_its_bounds(
    fake: FakeInstagram, client: Client, into: Path, time: FakeTime, bound: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(collect_module, bound, 1)
    source = Listed(items(fake, *range(30)))
    with pytest.raises(UserError, match=r"the bound of one run.*goes on from there"):
        list(collect(source, into, 100, client, time.clock))
    assert 1 <= len(rows(into)) < 30
    check_whole(into)


def test_training_reads_the_folder(fake: FakeInstagram, client: Client, into: Path) -> None:
    pages = [*items(fake, *range(8)), *items(fake, *range(10, 18), brand="교촌")]
    fake.plan("/gone", Answer(404))
    run(Listed([*pages, Item(f"{fake.address}/gone", "교촌")]), into, client)
    dataset = scan(into)
    assert [brand.id for brand in dataset.brands] == ["kyochon", "교촌"]
    assert (len(dataset.photos), dataset.skipped) == (16, ())


def test_a_folder_of_photos_is_copied(client: Client, tmp_path: Path, into: Path) -> None:
    folder = tmp_path / "downloads"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "1.jpg").write_bytes(draw(1))
    (folder / "2.heic").write_bytes(b"\0\0\0\x18ftypheic")
    (folder / "notes.txt").write_text("x")
    source = LocalFolder({"kyochon": [folder]})
    first = run(source, into, client)
    heic = "the file is of the format HEIC, which is not taken"
    assert (first.new, dict(first.left_out)) == (1, {heic: 1, NO_PHOTO: 1})
    assert run(source, into, client).new == 0
    assert (folder / "a" / "1.jpg").exists()
    assert rows(into)[0]["url"].startswith("file:///")
    check_whole(into)


def test_a_full_disk_stops_the_run_and_the_next_goes_on(
    fake: FakeInstagram, client: Client, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Listed(items(fake, *range(6)))
    fsync, calls = os.fsync, []

    def full(file: int) -> None:
        calls.append(file)
        if len(calls) == 6:  # two tables, then photo and row by turns
            raise OSError(28, "No space left on device")
        fsync(file)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        run(source, into, client)
    monkeypatch.undo()
    assert len(rows(into)) == 1
    run(source, into, client)
    assert len(rows(into)) == 6
    check_whole(into)


def test_a_folder_that_cannot_be_written_is_an_error(client: Client, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match=r"File exists|Not a directory"):
        run(Listed([Item("http://a.example/", "a")]), tmp_path / "file", client)


def test_a_brand_that_is_a_link_is_not_written_into(
    fake: FakeInstagram, client: Client, tmp_path: Path, into: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    into.mkdir()
    (into / "kyochon").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="is a link"):
        run(Listed(items(fake, 1)), into, client)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    "path",
    ["../x.jpg", "x.jpg", "/etc/passwd", "a/b/c.jpg", "a/../b", ".a/b", "a/.b", "", "a\\b/c\\d"],
)
def test_a_manifest_that_points_out_of_the_folder_is_refused(
    fake: FakeInstagram, client: Client, into: Path, path: str
) -> None:
    run(Listed(items(fake, 1)), into, client)
    with (into / "photos.csv").open("a") as file:
        file.write(f"{path},,,,,,,{'0' * 64}\n")
    with pytest.raises(UserError, match="not <brand>/<photo>"):
        run(Listed(items(fake, 2)), into, client)


def test_two_runs_at_once_are_one_too_many(fake: FakeInstagram, client: Client, into: Path) -> None:
    source = Listed([*items(fake, 1), *items(fake, 2, brand="BBQ")])
    first = collect(source, into, 100, client)
    next(first)
    with pytest.raises(UserError, match="Another collect is at work"):
        run(source, into, client)
    list(first)
    check_whole(into)


def test_a_folder_may_be_moved(fake: FakeInstagram, client: Client, into: Path) -> None:
    source = Listed(items(fake, 1))
    run(source, into, client)
    moved = Path(shutil.move(into, into.with_name("moved")))
    assert run(source, moved, client).new == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("https://a.cdninstagram.com/v/1_n.jpg?oh=1", "https://b.fbcdn.net/w/1_n.jpg?oh=2", True),
     ("https://a.cdninstagram.com/v/1_n.jpg", "https://a.cdninstagram.com/v/2_n.jpg", False),
     ("https://a.example/1.jpg?x=1", "https://a.example/1.jpg?x=2", False),
     ("https://a.example/1.jpg#a", "https://a.example/1.jpg#b", True),
     ("https://cdninstagram.com.evil.example/1_n.jpg", "https://a.fbcdn.net/1_n.jpg", False),
     ("http://[", "http://[", True)],
)  # fmt: skip
def test_addresses_of_the_same_photo(one: str, other: str, same: bool) -> None:
    assert (same_photo_key(one) == same_photo_key(other)) == same
