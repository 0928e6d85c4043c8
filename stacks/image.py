"""The container that serves a release: AWS's own XGBoost image, of the region."""

from aws_cdk import Stack
from botocore.exceptions import BotoCoreError

from stacks.settings import SettingError


class Image:
    """The built-in XGBoost container, in the account that AWS keeps it in for the region."""

    def __init__(self, stack: Stack, version: str) -> None:
        try:
            # Here, since to import it already opens a session with AWS.
            from sagemaker.core import image_uris

            self.uri: str = image_uris.retrieve("xgboost", stack.region, version=version)
        except ValueError as error:
            raise SettingError(f"AWS keeps no XGBoost {version} image there: {error}") from error
        except BotoCoreError as error:
            raise SettingError(f"{error}. Check AWS_PROFILE and ~/.aws/config.") from error
        registry, _, path = self.uri.partition("/")
        self.repository_arn = stack.format_arn(
            service="ecr",
            account=registry.partition(".")[0],
            resource="repository",
            resource_name=path.partition(":")[0],
        )
