"""The command `feedback`: what was said about answers, as photos to train on."""

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any


def add_feedback_command(commands: Any) -> None:
    """Add the command to what `ArgumentParser.add_subparsers` returned."""
    parser = commands.add_parser(
        "feedback",
        help="get what was said about answers, as a folder of photos to train on",
        description="Lay out the photos that came with feedback as <into>/<brand>/<feedback>.jpg, "
        "those of none of the brands in <into>/.none, and what is known of each in "
        "<into>/feedback.csv. Can be run again; nothing there is deleted or overwritten. Look the "
        "photos through, then: train photos <into>",
    )
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--stack", help="the deployed artifacts stack, whose InboxName tells where")
    place.add_argument("--bucket", help="the bucket itself, as one that outlived its stack")
    parser.add_argument(
        "--into", type=Path, default=Path("photos-from-feedback"), help="(photos-from-feedback)"
    )
    parser.set_defaults(run=_feedback)


def _feedback(arguments: argparse.Namespace) -> int:
    from model_code.aws import client, stack_output
    from model_code.feedback import pull

    bucket = arguments.bucket or stack_output(arguments.stack, "InboxName")
    pulled = pull(bucket, client("s3"), arguments.into)
    for key, reason in pulled.faults:
        print(f"left out  {key!r} {reason}", file=sys.stderr)
    said = Counter(entry.brand or "none of the brands" for entry in pulled.entries)
    photos = Counter(entry.brand or "none of the brands" for entry in pulled.entries if entry.photo)
    for brand, count in sorted(said.items()):
        print(f"{brand}: {count} answers, {photos[brand]} with a photo")
    print(f"{len(pulled.entries)} in all, in {arguments.into}")
    return 0
