"""`python -m model_code collect`, as a person types it."""

from pathlib import Path

import pytest

from model_code.__main__ import main
from tests.unit.collection.test_collect import check_whole, rows
from tests.unit.fake_instagram import TOKEN, FakeInstagram, draw, put_in_place


@pytest.fixture
def instagram(
    fake: FakeInstagram, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> FakeInstagram:
    """Put the fake in the place of the real one, for the command too."""
    put_in_place(fake, monkeypatch)
    monkeypatch.chdir(tmp_path)
    return fake


def test_from_hashtags_to_a_folder(
    instagram: FakeInstagram, capsys: pytest.CaptureFixture[str]
) -> None:
    instagram.post("교촌치킨", 1)
    instagram.post("kyochon", 2)
    instagram.post("비비큐", 3)
    words = ["collect", "instagram", "kyochon=교촌치킨,kyochon", "BBQ=비비큐"]
    assert main(words) == 0
    check_whole(Path("photos"))
    assert sorted(row["query"] for row in rows(Path("photos"))) == [
        "#kyochon",
        "#교촌치킨",
        "#비비큐",
    ]
    output = capsys.readouterr()
    assert output.out.splitlines() == [
        "collected 2 new of kyochon into photos/kyochon",
        "collected 1 new of BBQ into photos/BBQ",
    ]
    assert output.err == ""  # no bar where there is no terminal


def test_a_token_that_expired_is_one_line_without_it(
    instagram: FakeInstagram, capsys: pytest.CaptureFixture[str]
) -> None:
    instagram.token = "another"
    assert main(["collect", "instagram", "kyochon=a"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: Instagram does not take the access token")
    assert len(error.splitlines()) == 1
    assert TOKEN not in error


@pytest.mark.parametrize("name", ["INSTAGRAM_ACCESS_TOKEN", "INSTAGRAM_USER_ID"])
@pytest.mark.parametrize("value", [None, "", "a\nb", "토큰"])
def test_what_the_environment_lacks_is_named(
    instagram: FakeInstagram, name: str, value: str | None,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv(name)
    if value is not None:
        monkeypatch.setenv(name, value)
    assert main(["collect", "instagram", "kyochon=a"]) == 1
    assert f"export {name}=" in capsys.readouterr().err
    assert instagram.asked == []


def test_there_is_no_way_for_a_user_to_let_a_private_address_through(
    fake: FakeInstagram, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.post("tag", 1)
    (tmp_path / "list.csv").write_text(f"kyochon,{fake.address}/photos/1.jpg\n")
    words = ["collect", "urls", str(tmp_path / "list.csv"), "--into", str(tmp_path / "photos")]
    assert main(words) == 0
    output = capsys.readouterr()
    assert "collected 0 new" in output.out
    assert "left out  1: 127.0.0.1 is not a public address" in output.err
    assert fake.asked == []


def test_when_all_failed_the_exit_code_says_so(
    instagram: FakeInstagram, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads" / "1.jpg").write_bytes(draw(1)[:-50])
    assert main(["collect", "folder", "kyochon=downloads"]) == 1
    assert "failed    1, tried again next time: the photo is damaged" in capsys.readouterr().err


def test_many_reasons_are_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"kyochon,http://10.0.0.{number}/1.jpg\n" for number in range(9)]
    (tmp_path / "list.csv").write_text("".join(lines))
    assert main(["collect", "urls", str(tmp_path / "list.csv"), "--into", str(tmp_path / "p")]) == 0
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 6
    assert error[-1] == "left out  4: other reasons"


@pytest.mark.parametrize(
    "words",
    [["instagram", "kyochon"], ["instagram", "kyochon="], ["instagram", "=tag"],
     ["instagram", "a/b=tag"], ["instagram", "kyochon=a b"], ["instagram", "kyochon=a,,b"],
     ["urls", "nowhere.csv"], ["urls", "a.csv", "b.csv"], ["folder", "kyochon=nowhere"],
     ["folder", "photos"], ["instaloader", "kyochon=nowhere"],
     ["instagram-crawler", "kyochon=nowhere.json"], ["folder", "..=."], ["urls", "."]],
    ids=" ".join,
)  # fmt: skip
def test_what_cannot_be_done_is_one_error(
    instagram: FakeInstagram, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["collect", *words]) == 1
    assert capsys.readouterr().err.startswith("error: ")
    assert instagram.asked == []


@pytest.mark.parametrize(
    "words", [[], ["instagram"], ["facebook", "a=b"], ["urls", "x", "--limit", "0"],
              ["urls", "x", "--limit", "many"], ["urls", ""]], ids=" ".join
)  # fmt: skip
def test_wrong_usage(words: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["collect", *words])


def test_the_help_names_the_sources(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["collect", "--help"])
    output = capsys.readouterr().out
    assert all(kind in output for kind in ("instagram-crawler", "instaloader", "urls", "folder"))
