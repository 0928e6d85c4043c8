"""The commands for a release that is there: upload, predict, replay, empty."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from model_code.errors import RefusedPhotoError, UserError

DEFAULT_RELEASE = Path("releases/latest")


def add_serving_commands(commands: Any) -> None:
    """Add the commands to what `ArgumentParser.add_subparsers` returned."""
    _add_upload(commands)
    _add_predict(commands)
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


def _add_predict(commands: Any) -> None:
    parser = commands.add_parser(
        "predict",
        help="ask a release on disk, an endpoint, or the API about photos",
        description="Tell the brand of photos. Where a photo lies in a folder with a brand's "
        "name, that is its actual brand, and the share of right answers is told.",
    )
    parser.add_argument("photos", type=Path, nargs="+", help="photos, or folders of photos")
    parser.add_argument(
        "--release", type=Path, default=DEFAULT_RELEASE, help="release folder (releases/latest)"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--endpoint", help="ask this SageMaker endpoint, CSV in, JSON out")
    where.add_argument("--url", help="ask the deployed API at this URL")
    parser.set_defaults(run=_predict)


def _predict(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from model_code import predict
    from model_code.prediction_table import prediction_table

    if arguments.url:
        predictor = predict.by_api(arguments.url)
    elif arguments.endpoint:
        from model_code.aws import client

        runtime = client("sagemaker-runtime")
        predictor = predict.by_endpoint(arguments.release, arguments.endpoint, runtime)
    else:
        predictor = predict.by_release(arguments.release)
    photos = list(_photos(arguments.photos))
    if not photos:
        raise UserError(f"There are no photos in {', '.join(map(str, arguments.photos))}.")
    predictions, refused = [], []
    for photo in photos:
        try:
            predictions.append((photo, predictor(photo)))
        except RefusedPhotoError as error:
            refused.append(error)
    if predictions:
        Console().print(prediction_table(predictions))
    for refusal in refused:
        print(f"error: {refusal}", file=sys.stderr)
    return 1 if refused else 0


def _photos(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if _is_listed(p, path))
        else:
            yield path


def _is_listed(path: Path, folder: Path) -> bool:
    """Pass over what training does not look at either, such as `.DS_Store`."""
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.is_file() and path.suffix != ".json" and not hidden


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

    bucket = stack_output(arguments.stack, "BucketName")
    kept = stack_output(arguments.stack, "ReleasesOnDestroy") == "kept"
    # A stack that was deployed before there was an inbox has none.
    inbox = outputs(find_stack(arguments.stack) or {}).get("InboxName")
    for name, content in ((bucket, "releases"), (inbox, "feedback")):
        if name and kept:
            print(f"Left: bucket {name} with its {content}, as the stage's settings say.")
        elif name:
            _empty_bucket(name)
    return 0


def _empty_bucket(bucket: str) -> None:
    from model_code.aws import aws_errors, resource

    with aws_errors(f"empty bucket {bucket}"):
        resource("s3").Bucket(bucket).object_versions.delete()
    print(f"Emptied bucket {bucket}; nothing is left in it.")
