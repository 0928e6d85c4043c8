"""`python -m model_code`: from photos to a release, and a release into service."""

import argparse
import io
import os
import re
import shlex
import sys

from model_code.collection_commands import add_collection_commands
from model_code.curation_commands import add_curation_commands
from model_code.errors import UserError
from model_code.feedback_commands import add_feedback_command
from model_code.predict_commands import add_predict_command
from model_code.recipe_commands import add_recipe_commands
from model_code.serving_commands import add_serving_commands
from model_code.stored_commands import add_stored_commands
from model_code.training_commands import add_training_commands

EXAMPLES = """\
examples:
  python -m model_code samples build/photos             draw photos to try it with
  python -m model_code collect urls list.csv            fetch real ones, by list or hashtag
  python -m model_code train build/photos               make a release of them
  python -m model_code curate build/photos              find photos to look at first
  python -m model_code compare build/photos             judge recipes on them
  python -m model_code predict photo.jpg                ask the release that was made last
  python -m model_code predict photos --output a.csv    ask about any number, a row each
  python -m model_code upload releases/latest --stack ChickLearning-dev-Artifacts
  python -m model_code replay releases/latest --stack ChickLearning-dev-Service
"""
EMPTY = re.compile(r"(--[a-z-]+=)?")


def main(argv: list[str] | None = None) -> int:
    """Run one command; exit with 0, 1 (cannot be done: why), 2 (usage) or 130 (Ctrl-C)."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file's name need not be text that the terminal's encoding can hold.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read the output has seen enough
        return 1
    except OSError as error:
        print(f"error: {_sentence(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m model_code",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    add_collection_commands(commands)
    add_training_commands(commands)
    add_curation_commands(commands)
    add_recipe_commands(commands)
    add_predict_command(commands)
    add_serving_commands(commands)
    add_stored_commands(commands)
    add_feedback_command(commands)
    # From a shell variable that is not set. As a path it would mean the folder at hand.
    if any(EMPTY.fullmatch(word) for word in argv):
        parser.error(f"an argument is empty: {shlex.join(argv)}")
    try:
        arguments = parser.parse_args(argv)
        return int(arguments.run(arguments))
    finally:
        _flush()


def _flush() -> None:
    """Write what `print` holds back; what nobody takes is dropped, or it fails again at exit."""
    try:
        print(end="", flush=True)
    except OSError:
        # As in https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def _sentence(error: OSError) -> str:
    path = error.filename2 or error.filename  # of two, the one that was to be written
    cause = error.strerror or error
    return f"{path}: {cause}." if path else f"{cause}."


if __name__ == "__main__":
    sys.exit(main())
