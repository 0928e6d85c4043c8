"""The bucket that holds the releases."""

from aws_cdk import CfnOutput, Duration, Environment, RemovalPolicy, Stack, aws_s3
from constructs import Construct

from stacks.settings import Settings, stack_name

# How long what `prune` deleted can be restored.
RESTORABLE = Duration.days(30)


class ArtifactsStack(Stack):
    """Deployed first and on its own, so that a release can be uploaded before it is served."""

    def __init__(
        self, scope: Construct, name: str, *, settings: Settings, env: Environment
    ) -> None:
        super().__init__(scope, name, env=env)
        self.bucket = aws_s3.Bucket(
            self,
            "Releases",
            versioned=True,
            lifecycle_rules=[
                aws_s3.LifecycleRule(
                    noncurrent_version_expiration=RESTORABLE,
                    # What is left of a deleted object when its last version is gone.
                    expired_object_delete_marker=True,
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                )
            ],
            encryption=aws_s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=RemovalPolicy.RETAIN
            if settings.keep_releases
            else RemovalPolicy.DESTROY,
        )
        CfnOutput(self, "BucketName", value=self.bucket.bucket_name)
        CfnOutput(self, "ReleasesOnDestroy", value="kept" if settings.keep_releases else "deleted")
        # For `python -m model_code releases` and `prune`.
        CfnOutput(self, "KeptReleases", value=str(settings.kept_releases))
        CfnOutput(self, "ServiceStack", value=stack_name(settings.stage, "Service"))
