"""What AWS refuses: a sentence with the mend that fits."""

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from model_code import aws
from model_code.__main__ import main
from model_code.aws import aws_errors, stack_output
from model_code.errors import UserError


@pytest.mark.parametrize(
    ("code", "mend"),
    [
        ("NoSuchBucket", "name another bucket"),
        ("ValidationError", "Check the name"),
        ("AccessDenied", "Use credentials that permit it"),
        ("403", "Use credentials that permit it"),
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


def test_an_answer_that_is_not_awss_is_an_error() -> None:
    with (
        pytest.raises(UserError, match=r"Could not try it: No XML\. Check .*AWS_ENDPOINT_URL"),
        aws_errors("try it"),
    ):
        raise ResponseParserError("No XML.")


@pytest.mark.parametrize(
    ("stack", "command"),
    [
        ("ChickLearning-prod-Service", "make deploy STAGE=prod"),
        ("ChickLearning-dev-Artifacts", "make deploy STAGE=dev"),
        ("another", "make deploy STAGE=..."),
    ],
)
def test_a_stack_that_is_not_deployed_is_told_with_its_own_stages_command(
    stack: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "find_stack", lambda stack: None)
    with pytest.raises(UserError) as caught:
        stack_output(stack, "BucketName")
    assert str(caught.value).endswith(f"Deploy it: {command}")
