"""A file that only grows, by whole rows."""

import os
from pathlib import Path

import pytest

from model_code.collection.table import Table
from model_code.errors import UserError

COLUMNS = ("a", "b")


def reopened(path: Path, *rows: tuple[str, str]) -> list[tuple[str, ...]]:
    """Append rows, then open the file again and return what is in it."""
    table = Table(path, COLUMNS, "[0-9]{3}")
    for row in rows:
        table.append(row)
    table.close()
    table = Table(path, COLUMNS, "[0-9]{3}")
    table.close()
    return table.rows


@pytest.mark.parametrize("cell", ["x", "", "교촌 🍗", 'a"b', "a,b", "=1+1", " x ", "a" * 9000])
def test_a_cell_comes_back(tmp_path: Path, cell: str) -> None:
    rows = reopened(tmp_path / "t.csv", (cell, "123"))
    assert rows == [(cell.strip(), "123")]


@pytest.mark.parametrize("cell", ["a\nb", "a\r\nb", "a\0b", "a\u2028b", "a\x0bb"])
def test_a_row_is_one_line(tmp_path: Path, cell: str) -> None:
    assert reopened(tmp_path / "t.csv", (cell, "123")) == [("a b", "123")]
    assert (tmp_path / "t.csv").read_bytes().count(b"\n") == 2


def test_half_a_character_is_written_so_that_it_can_be_read(tmp_path: Path) -> None:
    assert reopened(tmp_path / "t.csv", ("a\ud800", "123")) == [("a\\ud800", "123")]


@pytest.mark.parametrize("cut", range(1, 24))
def test_a_crash_at_any_byte_loses_at_most_the_row_it_cut(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "t.csv"
    whole = b"a,b\n" + b'"x,1",111\n' + b'"y,2",222\n'
    path.write_bytes(whole[:-cut])
    rows = reopened(path, ("z", "333"))
    assert rows[-1] == ("z", "333")
    assert [("x,1", "111"), ("y,2", "222")][: len(rows) - 1] == rows[:-1]
    assert len(rows) - 1 == max(whole[:-cut].count(b"\n") - 1, 0) + (cut in (1, 11))


def test_a_line_end_that_an_editor_took_away_costs_no_row(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("\ufeffa,b\r\nx,111\r\ny,222".encode())
    assert reopened(tmp_path / "t.csv", ("z", "333")) == [("x", "111"), ("y", "222"), ("z", "333")]


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"x,y\n", "line 1"), (b"a,b,c\n", "line 1"), (b"\n", "line 1"), (b"a;b\n", "line 1"),
     (b"a,b\nx\n", "line 2"), (b"a,b\nx,1,2\n", "line 2"), (b"a,b\nx,xyz\ny,222\n", "line 2"),
     (b"a,b\n\xff\xff,111\n", "codec"), (b'a,b\n"x"y,111\n', "expected"),
     (b"a,b\n" + b"x" * 200_000 + b",111\n", "field limit"), (b"rubbish", "line 1"),
     (b"\x89PNG\r\n\x1a\n", "codec")],
)  # fmt: skip
def test_a_damaged_table_is_left_as_it_is(tmp_path: Path, content: bytes, line: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(UserError, match=line) as failed:
        Table(path, COLUMNS, "[0-9]{3}")
    assert "Mend that line" in str(failed.value)
    assert path.read_bytes() == content


def test_a_second_process_has_to_wait(tmp_path: Path) -> None:
    first = Table(tmp_path / "t.csv", COLUMNS, ".*")
    with pytest.raises(UserError, match="Another collect is at work"):
        Table(tmp_path / "t.csv", COLUMNS, ".*")
    first.close()
    Table(tmp_path / "t.csv", COLUMNS, ".*").close()


@pytest.mark.parametrize("written", [0, 3])
def test_a_full_disk_leaves_no_half_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    table = Table(tmp_path / "t.csv", COLUMNS, ".*")
    table.append(("x", "111"))
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:written]))
    with pytest.raises(OSError, match="No space left"):
        table.append(("y", "222"))
    monkeypatch.undo()
    table.append(("z", "333"))
    table.close()
    assert (tmp_path / "t.csv").read_text() == "a,b\nx,111\nz,333\n"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("precious")
    (tmp_path / "t.csv").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        Table(tmp_path / "t.csv", COLUMNS, ".*")
    assert (tmp_path / "elsewhere").read_text() == "precious"


def test_a_large_table_is_read(tmp_path: Path) -> None:
    line = "교촌/0123456789abcdef.jpg with https://a.example/a/rather/long/address,111\n"
    (tmp_path / "t.csv").write_text("a,b\n" + line * 100_000, encoding="utf-8")
    assert len(reopened(tmp_path / "t.csv")) == 100_000
