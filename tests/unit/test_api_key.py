"""The API key on its way from the environment to the header, and nowhere else."""

import pytest

from model_code.api_key import VARIABLE, key_header
from model_code.errors import UserError

HTTPS = "https://a.execute-api.ap-northeast-2.amazonaws.com/prod"


@pytest.mark.parametrize(
    "url", [HTTPS, "http://localhost:4566/prod", "http://127.0.0.1:1", "http://[::1]:1/prod"]
)
def test_the_key_is_a_header(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, " abc123\n")  # as `export X=$(cat file)` may leave it
    assert key_header(url) == {"x-api-key": "abc123"}


@pytest.mark.parametrize("value", [None, "", "  "])
def test_no_key_is_no_header(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if value is None:
        monkeypatch.delenv(VARIABLE, raising=False)
    else:
        monkeypatch.setenv(VARIABLE, value)
    assert key_header(HTTPS) == {}


@pytest.mark.parametrize("value", ["se cret", "se\ncret", "se\r\ncret: 1", "secré", "\udcffse"])
def test_what_is_no_key_is_refused_and_not_told(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(UserError, match=VARIABLE) as caught:
        key_header(HTTPS)
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://api.example.com/prod", "http://localhost.example.com", "http://10.0.0.1"]
)
def test_a_key_never_goes_unencrypted(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "secret")
    with pytest.raises(UserError, match="unencrypted") as caught:
        key_header(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://[", "http://[::1", "http://[x]/"])
def test_what_is_no_url_gets_no_key(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "secret")
    with pytest.raises(UserError, match="is not the URL of an API") as caught:
        key_header(url)
    assert "secret" not in str(caught.value)
