"""The commands for a release that is there: upload, replay, empty."""

import argparse
from pathlib import Path
from typing import Any


def add_serving_commands(commands: Any) -> None:
    """Add the commands to what `ArgumentParser.add_subparsers` returned."""
    _add_upload(commands)
    _add_replay(commands)
    _add_empty(commands)


def _add_upload(commands: Any) -> None:
    parser = commands.add_parser(
        "upload",
        help="put a release into the stack's bucket",
        description="Send a release to S3 under its id. Can be run again, goes on where it "
        "stopped, verifies checksums, and never overwrites another release.",
    )
    parser.add_argument("release", type=Path, help="a release folder")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--stack", help="the deployed stack whose output BucketName tells where")
    where.add_argument("--bucket", help="the bucket itself")
    parser.set_defaults(run=_upload)


def _upload(arguments: argparse.Namespace) -> int:
    from model_code.aws import client, stack_output
    from model_code.upload import upload

    bucket = arguments.bucket or stack_output(arguments.stack, "BucketName")
    print(f"to s3://{bucket}")
    for file in upload(arguments.release, bucket, client("s3")):
        state = "sent" if file.sent else "there already"
        print(f"{state:<13}  {file.size:>11,} bytes  {file.key}", flush=True)
    return 0


def _add_replay(commands: Any) -> None:
    parser = commands.add_parser(
        "replay",
        help="post the golden photos to the API and compare the answers",
        description="Post a release's golden photos to the deployed API. Exits with 1 where an "
        "answer is not the recorded one, or comes from another release.",
    )
    parser.add_argument("release", type=Path, help="a release folder")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--stack", help="the deployed stack whose output ApiUrl tells where")
    where.add_argument("--url", help="the API's URL")
    parser.set_defaults(run=_replay)


def _replay(arguments: argparse.Namespace) -> int:
    from model_code.aws import stack_output
    from model_code.replay import replay

    url = arguments.url or stack_output(arguments.stack, "ApiUrl")
    failed = 0
    for photo, mismatch in replay(arguments.release, url):
        print(f"{photo}: {mismatch or 'agrees'}", flush=True)
        failed += mismatch is not None
    return 1 if failed else 0


def _add_empty(commands: Any) -> None:
    parser = commands.add_parser(
        "empty",
        help="delete everything from a stack's buckets, before the stack is destroyed",
        description="Delete all versions of all objects in the stack's buckets: releases, uploads "
        "and feedback. Where the stage keeps its releases, nothing is deleted and what is left is "
        "told.",
    )
    parser.add_argument("--stack", required=True, help="the deployed artifacts stack")
    parser.set_defaults(run=_empty)


def _empty(arguments: argparse.Namespace) -> int:
    from model_code.aws import find_stack, outputs, stack_output

    # `make destroy` goes on where it stopped, so what is gone already is no error.
    stack = find_stack(arguments.stack)
    if stack is None:
        print(f"Stack {arguments.stack} is not deployed (any more): nothing is left to empty.")
        return 0
    told = outputs(stack)
    # A stack that was deployed before there was an inbox has none.
    buckets = {stack_output(arguments.stack, "BucketName"): "releases"}
    if "InboxName" in told:
        buckets[told["InboxName"]] = "feedback"
    for bucket, content in buckets.items():
        if told.get("ReleasesOnDestroy") == "kept":
            print(f"Left: bucket {bucket} with its {content}, as the stage's settings say.")
        else:
            _empty_bucket(bucket)
    return 0


def _empty_bucket(bucket: str) -> None:
    from botocore.exceptions import ClientError

    from model_code.aws import aws_errors, resource

    with aws_errors(f"empty bucket {bucket}"):
        try:
            resource("s3").Bucket(bucket).object_versions.delete()
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucket":
                raise
            print(f"Bucket {bucket} is gone already.")
            return
    print(f"Emptied bucket {bucket}; nothing is left in it.")
