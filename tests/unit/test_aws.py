"""What AWS refuses: a sentence with the mend that fits."""

import pytest
from botocore.exceptions import ClientError

from model_code.__main__ import main
from model_code.aws import aws_errors
from model_code.errors import UserError


@pytest.mark.parametrize(
    ("code", "mend"),
    [
        ("NoSuchBucket", "name another bucket"),
        ("ValidationError", "Check the name"),
        ("AccessDenied", "Use credentials that permit it"),
        ("ModelError", "log group"),
        ("ExpiredToken", "Check the credentials"),
    ],
)
def test_an_error_of_aws_names_the_mend_that_fits(code: str, mend: str) -> None:
    refusal = ClientError({"Error": {"Code": code, "Message": "It says why."}}, "PutObject")
    with (
        pytest.raises(UserError, match=rf"Could not try it: .*It says why\. .*{mend}"),
        aws_errors("try it"),
    ):
        raise refusal


@pytest.mark.parametrize("url", ["rubbish", "http://", "http://x y"])
def test_an_endpoint_url_that_is_none_is_an_error(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-2")
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    assert main(["empty", "--stack", "SomeStack"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: Could not connect to cloudformation: ")
    assert "AWS_ENDPOINT_URL" in error
