"""What other crawlers, lists and folders leave behind, whole and broken."""

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from model_code.collection import json_file
from model_code.collection.instagram_crawler import InstagramCrawler
from model_code.collection.instaloader import Instaloader
from model_code.collection.json_file import read_json
from model_code.collection.local_folder import LocalFolder
from model_code.collection.source import Item, Source, checked_brand, utc
from model_code.collection.url_list import UrlList
from model_code.errors import UserError

POST = "https://www.instagram.com/p/BvG7/"
PHOTO = "https://scontent.cdninstagram.com/v/1_n.jpg?oh=1"


def all_items(source: Source) -> list[Item]:
    return [item for brand in source.brands for item in source.items(brand)]


def crawl(folder: Path, document: Any) -> Path:
    path = folder / "posts.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def test_posts_of_the_mode_hashtag(tmp_path: Path) -> None:
    path = crawl(tmp_path, [{"key": POST, "caption": "치킨", "img_url": PHOTO, "username": "x"}])
    (item,) = all_items(InstagramCrawler({"kyochon": [path]}))
    assert (item.url, item.brand, item.post, item.time) == (PHOTO, "kyochon", POST, "")
    assert item.query == "posts.json"


def test_posts_of_the_mode_posts_full(tmp_path: Path) -> None:
    post = {
        "key": POST, "datetime": "2019-03-17T15:02:24.000Z", "likes": 3,
        "img_urls": [PHOTO, "https://a.example/2.jpg"], "comments": [{"author": "x"}],
    }  # fmt: skip
    items = all_items(InstagramCrawler({"kyochon": [crawl(tmp_path, [post])]}))
    assert [item.url for item in items] == [PHOTO, "https://a.example/2.jpg"]
    assert {item.time for item in items} == {"2019-03-17T15:02:24Z"}


def test_a_post_at_which_the_crawler_failed_does_not_stop_the_others(tmp_path: Path) -> None:
    posts = [
        {}, {"key": POST}, {"img_url": None}, {"img_urls": "x"}, {"img_urls": [None, 5, {}]},
        {"img_url": "file:///etc/passwd"}, {"img_url": "https://a.example/" + "x" * 5000},
        None, 5, "x", [], {"img_url": PHOTO, "key": 5, "datetime": {"a": 1}},
    ]  # fmt: skip
    (item,) = all_items(InstagramCrawler({"kyochon": [crawl(tmp_path, posts)]}))
    assert (item.url, item.post, item.time) == (PHOTO, "", "")


@pytest.mark.parametrize(
    "document", [[], {}, None, 5, "x", [{}], {"name": "x", "photo_url": PHOTO}, [[PHOTO]]], ids=str
)
def test_a_file_without_posts_is_refused(tmp_path: Path, document: Any) -> None:
    with pytest.raises(UserError, match="no posts with photos"):
        InstagramCrawler({"kyochon": [crawl(tmp_path, document)]})


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'[{"a": 1}', b"\x00" * 50]
)
@pytest.mark.parametrize("name", ["a.json", "a.json.xz"])
def test_broken_json_names_the_file(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.json.* is not JSON"):
        read_json(path)


def test_xz_that_is_cut_short_is_broken_json(tmp_path: Path) -> None:
    path = tmp_path / "a.json.xz"
    path.write_bytes(lzma.compress(json.dumps(list(range(100_000))).encode())[:-500])
    with pytest.raises(UserError, match="is not JSON"):
        read_json(path)


@pytest.mark.parametrize("name", ["a.json", "a.json.xz"])
def test_json_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_file, "MAX_JSON", 1000)
    path = tmp_path / name
    content = b" " * 1_000_000
    path.write_bytes(lzma.compress(content) if name.endswith("xz") else content)
    with pytest.raises(UserError, match="Split it"):
        read_json(path)


@pytest.mark.parametrize("path", ["nowhere.json", "."])
def test_a_file_that_cannot_be_read(tmp_path: Path, path: str) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_json(tmp_path / path)


def loaded(folder: Path, stem: str, node: Any, *photos: str, packed: bool = True) -> None:
    """Lay out a post as instaloader does."""
    folder.mkdir(parents=True, exist_ok=True)
    for photo in photos:
        (folder / photo).write_bytes(b"x")
    document = {"node": node, "instaloader": {"version": "4.14", "node_type": "Post"}}
    if packed:
        with lzma.open(folder / f"{stem}.json.xz", "wt", check=lzma.CHECK_NONE) as file:
            json.dump(document, file)
    else:
        (folder / f"{stem}.json").write_text(json.dumps(document))


@pytest.mark.parametrize("packed", [True, False])
def test_posts_of_instaloader(tmp_path: Path, packed: bool) -> None:
    folder = tmp_path / "#교촌치킨"
    one, two = "2019-03-17_11-02-24_UTC", "2019-03-18_11-02-24_UTC"
    loaded(folder, one, {"shortcode": "BvG7", "date": 1552820544}, f"{one}.jpg", packed=packed)
    node = {"shortcode": "B-_8", "taken_at_timestamp": 1552906944, "__typename": "GraphSidecar"}
    loaded(folder, two, node, f"{two}_1.jpg", f"{two}_2.jpg", f"{two}_2.mp4", packed=packed)
    (folder / f"{one}.txt").write_text("a caption")
    (folder / "2019-03-17_11-02-24_UTC_profile_pic.jpg").write_bytes(b"a face")
    items = all_items(Instaloader({"kyochon": [folder]}))
    assert [item.file.name for item in items if item.file] == [
        f"{one}.jpg", f"{two}_1.jpg", f"{two}_2.jpg"
    ]  # fmt: skip
    assert [item.post for item in items] == [
        "https://www.instagram.com/p/BvG7/", *["https://www.instagram.com/p/B-_8/"] * 2
    ]  # fmt: skip
    assert [item.time for item in items] == ["2019-03-17T11:02:24Z", *["2019-03-18T11:02:24Z"] * 2]
    assert {item.query for item in items} == {"#교촌치킨"}


@pytest.mark.parametrize(
    "document",
    ["{", "[]", "null", '{"node": 5}', '{"node": {"shortcode": "../../x", "date": "soon"}}',
     '{"node": {"shortcode": 5, "date": 1e400}}', '{"node": {"date": -1e18}}', "[" * 100_000],
)  # fmt: skip
def test_a_photo_stays_where_its_json_is_broken(tmp_path: Path, document: str) -> None:
    loaded(tmp_path / "a", "x", {}, "2019-03-17_11-02-24_UTC.jpg")
    (tmp_path / "a" / "2019-03-17_11-02-24_UTC.json").write_text(document)
    (item,) = all_items(Instaloader({"kyochon": [tmp_path / "a"]}))
    assert (item.post, item.time) == ("", "2019-03-17T11:02:24Z")


@pytest.mark.parametrize("name", ["BvG7.jpg", "2019-99-17_11-02-24_UTC.jpg", "x_1.PNG"])
def test_a_photo_without_json_and_time(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    (item,) = all_items(Instaloader({"kyochon": [tmp_path]}))
    assert (item.post, item.time) == ("", "")


def test_a_folder_is_searched_to_its_end_but_not_behind_links(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside / "b" / "c", inside / ".hidden", outside):
        folder.mkdir(parents=True)
        (folder / "1.jpg").write_bytes(b"x")
    (inside / ".2.jpg").write_bytes(b"x")
    (inside / "link.jpg").symlink_to(outside / "1.jpg")
    (inside / "links").symlink_to(outside)
    (inside / "round").symlink_to(inside)
    items = all_items(LocalFolder({"kyochon": [inside]}))
    assert [item.file for item in items] == [inside / "b" / "c" / "1.jpg"]


@pytest.mark.parametrize("source", [LocalFolder, Instaloader])
@pytest.mark.parametrize("name", ["nowhere", "file.jpg"])
def test_what_is_no_folder_is_refused(tmp_path: Path, source: Any, name: str) -> None:
    (tmp_path / "file.jpg").write_bytes(b"x")
    with pytest.raises(UserError, match="is not a folder"):
        source({"kyochon": [tmp_path / name]})


def listed(folder: Path, content: str | bytes) -> Path:
    path = folder / "list.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [f"kyochon,{PHOTO}\nBBQ,{PHOTO}\n", f"brand,url\nkyochon,{PHOTO}\nBBQ,{PHOTO}",
     f"\ufeffURL,Brand\r\n{PHOTO},kyochon\r\n{PHOTO},BBQ\r\n",
     f'"kyochon","{PHOTO}"\n\n,\nBBQ,{PHOTO},,,',
     f"  kyochon , {PHOTO} \nBBQ,{PHOTO}"],
)  # fmt: skip
def test_a_list_of_urls(tmp_path: Path, content: str) -> None:
    items = all_items(UrlList(listed(tmp_path, content)))
    assert [(item.brand, item.url) for item in items] == [("kyochon", PHOTO), ("BBQ", PHOTO)]


def test_a_list_may_say_more(tmp_path: Path) -> None:
    row = f"교촌,{PHOTO},{POST},2019-03-17,CC BY 4.0\n"
    (item,) = all_items(UrlList(listed(tmp_path, row)))
    assert (item.post, item.time, item.licence) == (POST, "2019-03-17T00:00:00Z", "CC BY 4.0")


@pytest.mark.parametrize(
    "line",
    ["kyochon", f"{PHOTO},kyochon", "kyochon,file:///etc/passwd", "kyochon,/etc/passwd",
     f",{PHOTO}", f"..,{PHOTO}", f"../x,{PHOTO}", f"a/b,{PHOTO}", f".hidden,{PHOTO}",
     f"a\\b,{PHOTO}", f"a\x00b,{PHOTO}", f"a\x1b[2Jb,{PHOTO}", f"{'가' * 40},{PHOTO}",
     f"kyochon,https://a.example/{'x' * 5000}"],
)  # fmt: skip
def test_a_line_that_is_no_brand_and_url_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(UserError, match=r"lines to mend:\n  line 2: "):
        UrlList(listed(tmp_path, f"kyochon,{PHOTO}\n{line}\n"))


def test_of_many_lines_to_mend_some_are_shown(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="and 95 more"):
        UrlList(listed(tmp_path, "kyochon,x\n" * 100))


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b'a,"b\n', b"a," + b"x" * 200_000, b"a,b\x00\n", b'a,"b"c\n']
)
def test_a_list_that_is_no_csv_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UserError, match=r"is not CSV|lines to mend"):
        UrlList(listed(tmp_path, content))


@pytest.mark.parametrize("content", [b"", b"\n\n", b"brand,url\n", b" , \n"])
def test_an_empty_list_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UserError, match="is empty"):
        UrlList(listed(tmp_path, content))


@pytest.mark.parametrize("brand", ["BBQ", "교촌", "네네 치킨", "a.b", "--x", "60계"])
def test_a_brand_is_the_name_of_a_folder(brand: str) -> None:
    assert checked_brand(brand) == brand


def test_a_brand_has_one_spelling() -> None:
    assert checked_brand("교촌") == checked_brand(" 교촌 ")


@pytest.mark.parametrize(
    "brand", ["", " ", ".", "..", "../x", "a/b", "/a", "a\\b", ".a", "a\0", "a\nb", "\u202ea",
              "x" * 101, "가" * 34, "a\ud800"]
)  # fmt: skip
def test_what_is_no_name_of_a_folder(brand: str) -> None:
    with pytest.raises(UserError, match="It is the name of a folder"):
        checked_brand(brand)


@pytest.mark.parametrize(
    ("time", "expected"),
    [("2017-08-31T18:10:00+0000", "2017-08-31T18:10:00Z"), (0, "1970-01-01T00:00:00Z"),
     ("2017-08-31T18:10:00+09:00", "2017-08-31T09:10:00Z"), (1.5, "1970-01-01T00:00:01Z"),
     ("", ""), (None, ""), ("soon", ""), ([], ""), (1e400, ""), (float("nan"), ""), ({}, ""),
     ("0001-01-01T00:00:00+23:00", ""), (10**30, "")],
)  # fmt: skip
def test_times(time: Any, expected: str) -> None:
    assert utc(time) == expected
