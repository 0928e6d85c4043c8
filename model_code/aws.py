"""AWS clients whose failures read as sentences, and the outputs of a deployed stack."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from model_code.errors import UserError

CHECK = (
    "Check the credentials, the region and, if it is set, AWS_ENDPOINT_URL "
    "(aws sts get-caller-identity)."
)
# What mends an error by its code; `CHECK` for any other.
MENDS = {
    "NoSuchBucket": "Deploy the stack with the bucket, or name another bucket.",
    # What SageMaker and CloudFormation say of a name that is not there.
    "ValidationError": "Check the name: is that deployed in this account and region?",
    "AccessDenied": "Use credentials that permit it.",
    "AccessDeniedException": "Use credentials that permit it.",
    "AuthorizationError": "Use credentials that permit it.",  # as SNS says it
    "403": "Use credentials that permit it.",  # all that an answer without a body says
    "ModelError": "Look into the endpoint's log group, or deploy the release again.",
}


def client(service: str) -> Any:
    """Make a boto3 client from the environment: credentials, region, AWS_ENDPOINT_URL."""
    with aws_errors(f"connect to {service}"):
        return boto3.client(service)


def resource(service: str) -> Any:
    """Make a boto3 resource from the environment."""
    with aws_errors(f"connect to {service}"):
        return boto3.resource(service)


@contextmanager
def aws_errors(purpose: str) -> Iterator[None]:
    """Turn what botocore raises inside into a `UserError` that tells what was tried."""
    try:
        yield
    except ClientError as error:
        mend = MENDS.get(error.response["Error"]["Code"], CHECK)
        raise UserError(f"Could not {purpose}: {str(error).rstrip('.')}. {mend}") from error
    # ValueError: AWS_ENDPOINT_URL is no URL. ResponseParserError: it is not of AWS's API.
    except (BotoCoreError, ResponseParserError, ValueError) as error:
        raise UserError(f"Could not {purpose}: {str(error).rstrip('.')}. {CHECK}") from error


def list_objects(s3: Any, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    """Yield what S3 tells of each object below a prefix, a page held at a time.

    Raises
    ------
    UserError
        The bucket cannot be listed.
    """
    with aws_errors(f"list s3://{bucket}/{prefix}"):
        pages = iter(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix))
        while page := next(pages, None):
            yield from page.get("Contents", [])


def find_stack(stack: str) -> dict[str, Any] | None:
    """Return the description of a stack, None where it is not deployed."""
    with aws_errors(f"read stack {stack}"):
        try:
            (found,) = client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            return None
    return dict(found)


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    """Return the outputs of a stack that was found, by name."""
    return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}


def stack_output(stack: str, output: str) -> str:
    """Return one output of a deployed stack.

    Raises
    ------
    UserError
        The stack is not deployed, or has no such output.
    """
    found = find_stack(stack)
    if found is None:
        raise UserError(
            f"Stack {stack} is not deployed in this account and region. Deploy it: "
            f"make deploy STAGE={_stage(stack)}"
        )
    value = outputs(found).get(output)
    if value is None:
        raise UserError(f"Stack {stack} has no output {output}. Deploy it again.")
    return value


def _stage(stack: str) -> str:
    named = re.fullmatch(r"ChickLearning-(\w+)-\w+", stack)
    return named[1] if named else "..."
