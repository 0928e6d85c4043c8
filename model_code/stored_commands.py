"""The commands for the releases in a stage's bucket: releases, fetch, prune, restore."""

import argparse
from pathlib import Path
from typing import Any

from model_code.errors import UserError

# A stack that serves one release, and is not about to serve another.
SETTLED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")


def add_stored_commands(commands: Any) -> None:
    """Add the commands to what `ArgumentParser.add_subparsers` returned."""
    _add_releases(commands)
    _add_fetch(commands)
    _add_prune(commands)
    _add_restore(commands)


def _add_releases(commands: Any) -> None:
    parser = commands.add_parser(
        "releases",
        help="list the releases in a stage's bucket",
        description="List the releases in the bucket, newest first: id, time of the upload, "
        "micro F1 on held-out photos, and which one serves.",
    )
    _add_place(parser)
    parser.set_defaults(run=_releases)


def _add_place(parser: argparse.ArgumentParser) -> None:
    """Let a command read a bucket that no stack has any more, too."""
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--stack", help="the deployed artifacts stack")
    place.add_argument("--bucket", help="the bucket itself, as one that outlived its stack")


def _bucket(arguments: argparse.Namespace) -> str:
    from model_code.aws import stack_output

    return arguments.bucket or stack_output(arguments.stack, "BucketName")


def _releases(arguments: argparse.Namespace) -> int:
    from model_code.aws import client
    from model_code.stored import micro_f1, stored_releases

    bucket, s3 = _bucket(arguments), client("s3")
    serving = _serving(arguments.stack) if arguments.stack else None
    for release in stored_releases(bucket, s3):
        score = micro_f1(release, bucket, s3)
        mark = "  serves" if release.id == serving else ""
        print(f"{release.id}  {release.time:%Y-%m-%d %H:%M} UTC  {score:.3f}{mark}")
    return 0


def _serving(artifacts: str) -> str | None:
    from model_code.aws import find_stack, outputs, stack_output

    service = find_stack(stack_output(artifacts, "ServiceStack"))
    return outputs(service).get("ReleaseId") if service else None


def _add_fetch(commands: Any) -> None:
    parser = commands.add_parser(
        "fetch",
        help="get a release from a stage's bucket, to deploy it again",
        description="Download a release, verify it, and put it into a folder of releases. It is "
        "whole but for its report.",
    )
    parser.add_argument("release", help="the release's id, see `releases`")
    _add_place(parser)
    parser.add_argument(
        "--into", type=Path, default=Path("releases"), help="the folder of releases (releases)"
    )
    parser.set_defaults(run=_fetch)


def _fetch(arguments: argparse.Namespace) -> int:
    from model_code.aws import client
    from model_code.fetch import fetch

    print(fetch(arguments.release, _bucket(arguments), client("s3"), arguments.into))
    return 0


def _add_prune(commands: Any) -> None:
    parser = commands.add_parser(
        "prune",
        help="delete old releases from a stage's bucket",
        description="Delete all but the newest releases, as many as the stage's setting "
        "kept_releases says, and never the one that serves. Refuses while a deploy is under way.",
    )
    parser.add_argument("--stack", required=True, help="the deployed artifacts stack")
    parser.add_argument("--dry-run", action="store_true", help="only tell what would be deleted")
    parser.set_defaults(run=_prune)


def _prune(arguments: argparse.Namespace) -> int:
    from model_code.aws import client, stack_output
    from model_code.stored import delete, stored_releases, to_prune

    bucket, s3 = stack_output(arguments.stack, "BucketName"), client("s3")
    keep = int(stack_output(arguments.stack, "KeptReleases"))
    serving = _settled_release(stack_output(arguments.stack, "ServiceStack"))
    releases = stored_releases(bucket, s3)
    old = to_prune(releases, keep, serving)
    for release in old:
        if not arguments.dry_run:
            delete(release, bucket, s3)
        print(f"{'old' if arguments.dry_run else 'deleted'}  {release.id}  {release.time:%Y-%m-%d}")
    print(
        f"{len(releases) - len(old)} kept, of them {keep} at most for being new; {serving} serves."
    )
    return 0


def _settled_release(service: str) -> str:
    """Return the release that serves.

    Raises
    ------
    UserError
        None does, or which one will is being decided: nothing is old for sure.
    """
    from model_code.aws import find_stack, stack_output

    stack = find_stack(service)
    status = stack["StackStatus"] if stack else "not deployed"
    if stack is None or status not in SETTLED:
        raise UserError(f"Stack {service} is {status}. Nothing was deleted; prune when it serves.")
    return stack_output(service, "ReleaseId")


def _add_restore(commands: Any) -> None:
    parser = commands.add_parser(
        "restore",
        help="take back that a release was deleted from a stage's bucket",
        description="Take back what `prune` deleted, within 30 days. It has the age that it had: "
        "the next `prune` deletes it again, unless it serves then.",
    )
    parser.add_argument("release", help="the release's id, as `prune` told it")
    _add_place(parser)
    parser.set_defaults(run=_restore)


def _restore(arguments: argparse.Namespace) -> int:
    from model_code.aws import client
    from model_code.restore import restore

    restore(arguments.release, _bucket(arguments), client("s3"))
    print(f"restored  {arguments.release}")
    return 0
