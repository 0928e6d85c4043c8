"""Let API Gateway log, once for an account and region.

`cdk deploy --app "python3 -m cdk_app.account"`
"""

from aws_cdk import App

from cdk_app.app import environment
from stacks.account import AccountStack


def main() -> None:
    """Synthesize the one stack."""
    app = App()
    AccountStack(app, "ChickLearning-Account", env=environment())
    app.synth()


if __name__ == "__main__":
    main()
