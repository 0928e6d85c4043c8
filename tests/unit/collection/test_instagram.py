"""The official API: pages, limits, tokens that expire, answers that make no sense."""

import json
from pathlib import Path
from typing import Any

import pytest

from model_code.collection import hashtags as hashtags_module
from model_code.collection.client import Client
from model_code.collection.graph_api import GraphApi, usage
from model_code.collection.hashtags import Hashtags, checked_hashtag
from model_code.collection.instagram import Instagram
from model_code.errors import UserError
from tests.unit.collection.conftest import FakeTime
from tests.unit.fake_instagram import TOKEN, USER, Answer, FakeInstagram

TAG = "교촌치킨"
NODE = "/v25.0/17840"
APP, BUSINESS = "X-App-Usage", "X-Business-Use-Case-Usage"


@pytest.fixture
def instagram(fake: FakeInstagram, client: Client, tmp_path: Path) -> Instagram:
    fake.posts[TAG]["top_media"] = []  # the hashtag is there
    return open_instagram(fake, client, tmp_path, {"kyochon": [TAG]})


def open_instagram(
    fake: FakeInstagram, client: Client, folder: Path, tags: dict[str, list[str]]
) -> Instagram:
    api = GraphApi(client, TOKEN, fake.base)
    return Instagram(api, USER, Hashtags(folder, USER), tags)


def urls(instagram: Instagram, brand: str = "kyochon") -> list[str]:
    return [item.url.rsplit("/", 1)[1] for item in instagram.items(brand)]


def test_all_pages_of_both_edges_are_read(instagram: Instagram, fake: FakeInstagram) -> None:
    for seed in range(5):
        fake.post(TAG, seed)
    fake.post(TAG, 10, 11, 12, edge="recent_media")
    assert urls(instagram) == [f"{seed}.jpg" for seed in (0, 1, 2, 3, 4, 10, 11, 12)]
    assert fake.times(f"{NODE}/top_media") == 3


def test_a_photo_carries_its_provenance(instagram: Instagram, fake: FakeInstagram) -> None:
    fake.post(TAG, 1)
    item = next(instagram.items("kyochon"))
    assert (item.brand, item.query, item.time) == ("kyochon", f"#{TAG}", "2019-03-17T11:02:24Z")
    assert item.post.startswith("https://www.instagram.com/p/")
    assert item.licence == ""


def test_a_page_is_asked_for_when_it_is_needed(instagram: Instagram, fake: FakeInstagram) -> None:
    for seed in range(5):
        fake.post(TAG, seed)
    next(instagram.items("kyochon"))
    assert fake.times(f"{NODE}/top_media") == 1
    assert fake.times(f"{NODE}/recent_media") == 0


def test_pages_in_a_circle_end(instagram: Instagram, fake: FakeInstagram) -> None:
    post = {"id": "1", "media_type": "IMAGE", "media_url": f"{fake.address}/photos/1.jpg"}
    page = {"data": [post], "paging": {"cursors": {"after": "x"}, "next": "y"}}
    fake.plan(f"{NODE}/top_media", *[Answer(body=json.dumps(page).encode())] * 9)
    assert urls(instagram) == ["1.jpg"]
    assert fake.times(f"{NODE}/top_media") == 2


@pytest.mark.parametrize(
    "page",
    [{}, {"data": None}, {"data": {}}, {"data": "x"}, {"data": [None, 1, "x", [], {}]},
     {"data": [{"id": 1, "media_type": "IMAGE", "media_url": 5}]},
     {"data": [{"id": "1", "media_type": "IMAGE"}]},
     {"data": [{"id": "1", "media_type": "IMAGE", "media_url": "file:///etc/passwd"}]},
     {"data": [{"id": "1", "media_type": "VIDEO", "media_url": "http://a.example/1.mp4"}]},
     {"data": [{"id": "1", "media_type": "CAROUSEL_ALBUM", "children": None}]},
     {"data": [{"id": "1", "media_type": "CAROUSEL_ALBUM", "children": {"data": "x"}}]},
     {"data": [{"id": "1", "media_type": "CAROUSEL_ALBUM", "children": {"data": [None, 3]}}]},
     {"data": [{"id": "1"}], "paging": None}, {"data": [{"id": "1"}], "paging": "next"},
     {"data": [{"id": "1"}], "paging": {"next": "x", "cursors": None}},
     {"data": [{"id": "1"}], "paging": {"next": "x", "cursors": {"after": 5}}}],
    ids=str,
)  # fmt: skip
def test_what_is_no_photo_in_an_answer_is_passed_over(
    instagram: Instagram, fake: FakeInstagram, page: dict[str, Any]
) -> None:
    fake.plan(f"{NODE}/top_media", Answer(body=json.dumps(page).encode()))
    assert urls(instagram) == []


@pytest.mark.parametrize("code", [190, 102])
def test_a_token_that_expired_is_one_clear_error(
    instagram: Instagram, fake: FakeInstagram, code: int
) -> None:
    error = {"error": {"message": "Session has expired", "code": code, "error_subcode": 463}}
    fake.plan("/v25.0/ig_hashtag_search", Answer(400, json.dumps(error).encode()))
    with pytest.raises(UserError, match="Session has expired") as failed:
        urls(instagram)
    assert "INSTAGRAM_ACCESS_TOKEN" in str(failed.value)
    assert TOKEN not in str(failed.value)
    assert fake.times("/v25.0/ig_hashtag_search") == 1  # asking again is of no use


def test_a_token_may_expire_between_pages(instagram: Instagram, fake: FakeInstagram) -> None:
    for seed in range(3):
        fake.post(TAG, seed)
    found = instagram.items("kyochon")
    assert [next(found).url[-5:] for _ in range(2)] == ["0.jpg", "1.jpg"]
    fake.token = "another"
    with pytest.raises(UserError, match="access token"):
        next(found)


@pytest.mark.parametrize("code", [3, 10, 200, 299])
def test_a_missing_permission_names_app_review(
    instagram: Instagram, fake: FakeInstagram, code: int
) -> None:
    error = {"error": {"message": "No.", "code": code}}
    fake.plan("/v25.0/ig_hashtag_search", Answer(403, json.dumps(error).encode()))
    with pytest.raises(UserError, match="App Review"):
        urls(instagram)


def test_a_hashtag_that_is_not_there_is_named(
    fake: FakeInstagram, client: Client, tmp_path: Path
) -> None:
    instagram = open_instagram(fake, client, tmp_path, {"kyochon": ["nowhere"]})
    with pytest.raises(UserError, match="The hashtag does not exist"):
        urls(instagram)


@pytest.mark.parametrize(
    "data", [[], None, [{}], [{"id": 5}], [{"id": "../me"}], [{"id": "1/x?y"}], ["1"], [{"id": ""}]]
)
def test_an_id_that_is_none_is_not_put_into_an_address(
    instagram: Instagram, fake: FakeInstagram, data: Any
) -> None:
    fake.plan("/v25.0/ig_hashtag_search", Answer(body=json.dumps({"data": data}).encode()))
    with pytest.raises(UserError, match="does not know"):
        urls(instagram)
    assert fake.asked == ["/v25.0/ig_hashtag_search"]


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80002])
def test_a_throttled_question_is_asked_again(
    instagram: Instagram, fake: FakeInstagram, time: FakeTime, code: int
) -> None:
    fake.post(TAG, 1)
    error = json.dumps({"error": {"message": "too many", "code": code}}).encode()
    fake.plan(f"{NODE}/top_media", Answer(400, error), Answer(429, b"", {"Retry-After": "30"}))
    assert urls(instagram) == ["1.jpg"]
    assert max(time.slept) == pytest.approx(30)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", b"5", b'{"data": [', b"\xff\xfe", b"[" * 100_000,
     b'{"error": {"code": 2, "message": "down"}}', b'{"error": {"code": 1}}'],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 500])
def test_garbage_is_asked_for_again_and_then_given_up(
    instagram: Instagram, fake: FakeInstagram, body: bytes, status: int
) -> None:
    fake.post(TAG, 1)
    fake.plan(f"{NODE}/top_media", Answer(status, body))
    assert urls(instagram) == ["1.jpg"]
    fake.plan(f"{NODE}/top_media", *[Answer(status, body)] * 4)
    with pytest.raises(UserError, match="does not answer"):
        urls(instagram)


@pytest.mark.parametrize("error", [None, "x", 5, [], {}, {"code": "x"}, {"message": ["x"]}])
def test_an_error_of_any_form_is_an_error(
    instagram: Instagram, fake: FakeInstagram, error: Any
) -> None:
    body = json.dumps({"error": error}).encode()
    fake.plan("/v25.0/ig_hashtag_search", Answer(400, body))
    with pytest.raises(UserError, match="Instagram refuses"):
        urls(instagram)


def test_the_answer_of_the_api_is_bounded(instagram: Instagram, fake: FakeInstagram) -> None:
    fake.plan("/v25.0/ig_hashtag_search", Answer(body=b" " * 6_000_000))
    with pytest.raises(UserError, match="longer than 5 MB"):
        urls(instagram)


@pytest.mark.parametrize(("percent", "seconds"), [(79, 0), (80, 10), (94, 10), (95, 60), (100, 60)])
def test_questions_get_fewer_as_the_limit_comes_near(
    instagram: Instagram, fake: FakeInstagram, time: FakeTime, percent: int, seconds: float
) -> None:
    fake.headers["X-App-Usage"] = json.dumps({"call_count": 1, "total_time": percent})
    urls(instagram)
    assert max(time.slept) == pytest.approx(max(seconds, 0.25))


def test_a_limit_that_is_reached_says_for_how_long_and_keeps_what_is_there(
    instagram: Instagram, fake: FakeInstagram
) -> None:
    for seed in range(5):
        fake.post(TAG, seed)
    found = instagram.items("kyochon")
    assert [next(found).url[-5:] for _ in range(2)] == ["0.jpg", "1.jpg"]
    report = {"type": "instagram", "call_count": 100, "estimated_time_to_regain_access": 19}
    fake.headers["X-Business-Use-Case-Usage"] = json.dumps({"42": [report]})
    assert [next(found).url[-5:] for _ in range(2)] == ["2.jpg", "3.jpg"]  # of that answer
    with pytest.raises(UserError, match=r"19 minutes.*goes on from there"):
        next(found)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (0, 0)),
        ({APP: '{"call_count":28,"total_time":25,"total_cputime":31}'}, (31, 0)),
        ({APP: "x"}, (0, 0)),
        ({APP: "[]"}, (0, 0)),
        ({APP: '{"call_count":"99"}'}, (0, 0)),
        ({APP: '{"call_count":true}'}, (0, 0)),
        ({APP: '{"call_count":-1}'}, (0, 0)),
        ({APP: '{"call_count":NaN}'}, (0, 0)),
        ({APP: '{"call_count":1e999}'}, (0, 0)),
        ({APP: "[" * 100_000}, (0, 0)),
        ({BUSINESS: '{"1":[{"call_count":9},{"total_time":90}],"2":5}'}, (90, 0)),
        ({BUSINESS: '{"1":[{"estimated_time_to_regain_access":7}]}'}, (0, 7)),
    ],
)
def test_usage_headers(headers: dict[str, str], expected: tuple[float, float]) -> None:
    assert usage(headers) == expected


def test_the_id_of_a_hashtag_is_asked_for_once(
    instagram: Instagram, fake: FakeInstagram, client: Client, tmp_path: Path
) -> None:
    urls(instagram)
    urls(open_instagram(fake, client, tmp_path, {"kyochon": [TAG]}))
    assert fake.times("/v25.0/ig_hashtag_search") == 1


class Clock:
    def __init__(self) -> None:
        self.now = 1.7e9

    def __call__(self) -> float:
        return self.now


def test_a_hashtag_counts_for_seven_days_and_only_once(tmp_path: Path) -> None:
    clock = Clock()
    for number in range(30):
        Hashtags(tmp_path, USER, clock).count(f"tag{number}")
    tags = Hashtags(tmp_path, USER, clock)
    tags.check_room([f"tag{number}" for number in range(30)])
    with pytest.raises(UserError, match=r"these are 1 more: new\..*the next is free on 21 Nov"):
        tags.check_room(["tag1", "new", "new"])
    Hashtags(tmp_path, "another user", clock).check_room(["new"])
    clock.now += hashtags_module.PERIOD - 1
    tags.count("tag0")  # which does not prolong it
    clock.now += 1
    Hashtags(tmp_path, USER, clock).check_room([f"new{number}" for number in range(30)])


def test_too_many_hashtags_are_refused_before_a_question(
    fake: FakeInstagram, client: Client, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="30 different hashtags"):
        open_instagram(fake, client, tmp_path, {"a": [f"tag{number}" for number in range(31)]})
    assert fake.asked == []


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "5", '{"1": []}', '{"1": {"a": 5}}', "\x00", "[" * 100_000]
)
def test_a_damaged_state_file_names_the_mend(tmp_path: Path, content: str) -> None:
    (tmp_path / "hashtags.json").write_text(content)
    with pytest.raises(UserError, match="Delete it"):
        Hashtags(tmp_path, USER)
    assert (tmp_path / "hashtags.json").read_text() == content


@pytest.mark.parametrize("tag", [{}, {"id": None, "asked": None}, {"id": "x/y", "asked": "now"}])
def test_a_state_of_wrong_types_counts_for_nothing(tmp_path: Path, tag: dict[str, Any]) -> None:
    (tmp_path / "hashtags.json").write_text(json.dumps({USER: {"a": tag}}))
    tags = Hashtags(tmp_path, USER)
    assert tags.id_of("a") is None
    tags.check_room([f"tag{number}" for number in range(30)])


@pytest.mark.parametrize("text", ["교촌치킨", "#kyochon", " bbq ", "kyo_chon1", "café"])
def test_a_hashtag_is_letters_of_any_language(text: str) -> None:
    assert checked_hashtag(text) == text.strip().removeprefix("#")


@pytest.mark.parametrize(
    "text", ["", "#", "a b", "a-b", "a/b", "../x", "🍗", "a" * 101, "a\nb", "##a"]
)
def test_what_is_no_hashtag(text: str) -> None:
    with pytest.raises(UserError, match="is no hashtag"):
        checked_hashtag(text)
