"""What outlives a release: the bucket that holds them all, the inbox, the key and the network."""

from aws_cdk import CfnOutput, Duration, Environment, Stack, aws_s3
from constructs import Construct

from stacks.batch import expire_batch
from stacks.bucket import closed_bucket
from stacks.capture import expire_captured
from stacks.inbox import Inbox
from stacks.key import own_key
from stacks.network import Network
from stacks.settings import Settings, stack_name

# How long what `prune` deleted can be restored.
RESTORABLE = Duration.days(30)


class ArtifactsStack(Stack):
    """Deployed first and on its own, so that a release can be uploaded before it is served."""

    def __init__(
        self, scope: Construct, name: str, *, settings: Settings, env: Environment
    ) -> None:
        super().__init__(scope, name, env=env)
        self.key = own_key(self, settings=settings) if settings.own_key else None
        # Not in the Service stack: SageMaker gives its network interfaces back only after a while.
        # https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1327
        self.network = Network(self, "Network") if settings.private_network else None
        self.bucket = closed_bucket(
            self,
            "Releases",
            settings=settings,
            key=self.key,
            without_access_logs="Access logs would need a second bucket. CloudTrail's data events "
            "record the same reads and writes where an account wants them, and each object is "
            "versioned.",
            versioned=True,
            lifecycle_rules=[
                # Also where capture is off: what was captured before still ends.
                expire_captured(settings),
                expire_batch(),
                aws_s3.LifecycleRule(
                    noncurrent_version_expiration=RESTORABLE,
                    # What is left of a deleted object when its last version is gone.
                    expired_object_delete_marker=True,
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                ),
            ],
        )
        self.inbox = Inbox(self, "Inbox", settings=settings, key=self.key)
        CfnOutput(self, "BucketName", value=self.bucket.bucket_name)
        CfnOutput(self, "InboxName", value=self.inbox.bucket.bucket_name)
        CfnOutput(self, "ReleasesOnDestroy", value="kept" if settings.keep_releases else "deleted")
        # For `python -m model_code releases` and `prune`.
        CfnOutput(self, "KeptReleases", value=str(settings.kept_releases))
        CfnOutput(self, "ServiceStack", value=stack_name(settings.stage, "Service"))
