"""Read the settings, verify the release, make the stacks: `cdk synth -c stage=dev`."""

import os
import sys
from pathlib import Path
from typing import Any, cast

from aws_cdk import Annotations, App, Environment, Stack, Tags

from model_code.bundle import PIP_OPTIONS, Target
from model_code.release import ReleaseError, read_release
from stacks.artifacts import ArtifactsStack
from stacks.service import ServiceStack
from stacks.settings import SettingError, settings_of, stack_name

OURS = ("stage", "release", "packages")
NO_RELEASE = "none"  # what `destroy` and `bootstrap` need
DEFAULT_REGION = "ap-northeast-2"  # Seoul, near those who eat there


def build(app: App) -> None:
    """Add the stacks of one stage to `app`.

    Context: `stage` (dev), `release` (a release folder; releases/latest), `packages`
    (`aws`, or `host` where the local cloud runs the Lambda) and any of the settings. With
    `release=none` the stacks can be destroyed, whatever became of the release that they serve.

    Raises
    ------
    SettingError
        A value is not one of the allowed ones.
    ReleaseError
        The release would answer wrongly, or there is none.
    """
    settings = settings_of(_context(app, "stage", "dev"), _overrides(app))
    target = cast(Target, _choice(app, "packages", list(PIP_OPTIONS)))
    folder = Path(_context(app, "release", "releases/latest"))
    env = environment()
    # Bills are split by tags: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/
    Tags.of(app).add("project", "chicklearning")
    Tags.of(app).add("stage", settings.stage)
    artifacts = ArtifactsStack(
        app, stack_name(settings.stage, "Artifacts"), settings=settings, env=env
    )
    service = stack_name(settings.stage, "Service")
    if str(folder) == NO_RELEASE:
        _only_destroyable(Stack(app, service, env=env))
        return
    release = read_release(folder)
    served = ServiceStack(
        app,
        service,
        release=release,
        release_folder=folder,
        artifacts=artifacts,
        settings=settings,
        target=target,
        env=env,
    )
    Tags.of(served).add("release", release.id)


def environment() -> Environment:
    """Return where to deploy. The region picks the container's image; the account may be open."""
    return Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        region=os.environ.get("CDK_DEFAULT_REGION", DEFAULT_REGION),
    )


def _overrides(app: App) -> dict[str, Any]:
    """Return what was given beside our own names; what is no setting is refused where it is read.

    The CDK's names, flags as well as what it looked up, have a colon or a slash.
    """
    given: dict[str, Any] = app.node.get_all_context()
    return {
        name: value
        for name, value in given.items()
        if name not in OURS and not {":", "/"} & set(name)
    }


def _only_destroyable(stack: Stack) -> None:
    """Refuse a deploy of a stack without resources, which would remove what is deployed."""
    Annotations.of(stack).add_error(
        "-c release=none is for `cdk destroy` and `cdk bootstrap`. Name a release folder to deploy."
    )


def _context(app: App, name: str, default: str) -> str:
    value = app.node.try_get_context(name)
    if value == "":  # a variable that was never set, more likely than a wish for the default
        raise SettingError(f"-c {name}= is empty: name one, or leave it out for {default}.")
    return default if value is None else str(value)


def _choice(app: App, name: str, allowed: list[str]) -> str:
    value = _context(app, name, allowed[0])
    if value not in allowed:
        raise SettingError(f"-c {name}={value}: use one of {', '.join(allowed)}.")
    return value


def main() -> int:
    """Synthesize, or say in one line what is wrong."""
    app = App()
    try:
        build(app)
    except (SettingError, ReleaseError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
