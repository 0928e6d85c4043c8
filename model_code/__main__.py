"""`python -m model_code`: from photos to a release, and a release into service."""

import argparse
import sys

from model_code.errors import UserError
from model_code.serving_commands import add_serving_commands
from model_code.training_commands import add_training_commands

EXAMPLES = """\
examples:
  python -m model_code samples build/photos             draw photos to try it with
  python -m model_code train build/photos               make a release of them
  python -m model_code predict photo.jpg                ask the release that was made last
  python -m model_code upload releases/latest --stack ChickLearning-dev-Artifacts
  python -m model_code replay releases/latest --stack ChickLearning-dev-Service
"""


def main(argv: list[str] | None = None) -> int:
    """Run one command; exit with 0, 1 (cannot be done: why), 2 (usage) or 130 (Ctrl-C)."""
    parser = argparse.ArgumentParser(
        prog="python -m model_code",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    add_training_commands(commands)
    add_serving_commands(commands)
    arguments = parser.parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
