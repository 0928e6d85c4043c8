"""What lies where a fetched release is to go."""

from collections.abc import Callable
from pathlib import Path

import pytest

from model_code.errors import UserError
from model_code.fetch import fetch

ID = "0123456789abcdef"


@pytest.mark.parametrize(
    "block", [Path.mkdir, Path.touch, lambda path: path.symlink_to("nowhere")],
    ids=["folder", "file", "link"],
)  # fmt: skip
def test_what_is_no_release_is_told_before_the_download(
    block: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / ID
    block(path)
    s3 = None  # asking it anything would fail
    with pytest.raises(UserError) as caught:
        fetch(ID, "a-bucket", s3, tmp_path)
    assert f"remove {path} and fetch again" in str(caught.value)
    assert "Train again" not in str(caught.value)
    assert list(tmp_path.iterdir()) == [path]  # whatever it is, it is not ours to remove
