"""The bucket for what people send: uploads for a day, feedback, and photos that came with it."""

from aws_cdk import Duration, Stack, aws_iam, aws_kms, aws_s3
from constructs import Construct

from stacks.bucket import closed_bucket
from stacks.reasons import accept_wildcards
from stacks.settings import Settings

UPLOADS, FEEDBACK, PHOTOS = "uploads", "feedback", "feedback-photos"  # as lambda/inbox.py has them


class Inbox(Construct):
    """A bucket of its own, and without versions: what expires or is deleted is gone."""

    def __init__(
        self, scope: Construct, name: str, *, settings: Settings, key: aws_kms.IKey | None
    ) -> None:
        super().__init__(scope, name)
        self._key = key
        self.bucket = closed_bucket(
            self,
            "Bucket",
            settings=settings,
            key=key,
            without_access_logs="Access logs would hold the addresses of those who upload photos, "
            "and nothing here keeps those. CloudTrail's data events record the reads and writes "
            "where wanted.",
            lifecycle_rules=[
                _expire(UPLOADS, 1),
                _expire(PHOTOS, settings.feedback_photo_days),
                aws_s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(1)),
            ],
            cors=_cors(settings),
        )

    def grant_use(self, role: aws_iam.Role) -> None:
        """Let the Lambda sign and read uploads and add feedback: no list, no deletion."""
        uploads, *kept = (
            self.bucket.arn_for_objects(f"{prefix}/*") for prefix in (UPLOADS, FEEDBACK, PHOTOS)
        )
        statements = {
            # A signed form has the rights of who signed it.
            "TakeUploads": (["s3:GetObject", "s3:PutObject"], [uploads]),
            "KeepFeedback": (["s3:PutObject"], kept),
        }
        if self._key:
            actions = ["kms:Decrypt", "kms:GenerateDataKey"]
            statements["UseInboxKey"] = (actions, [self._key.key_arn])
        for sid, (actions, resources) in statements.items():
            role.add_to_policy(
                aws_iam.PolicyStatement(sid=sid, actions=actions, resources=resources)
            )
        arn = Stack.of(self).export_value(self.bucket.bucket_arn)
        accept_wildcards(
            role,
            "Each upload and each feedback has a name of its own.",
            [f"{arn}/{prefix}/*" for prefix in (UPLOADS, FEEDBACK, PHOTOS)],
        )


def _expire(prefix: str, days: int) -> aws_s3.LifecycleRule:
    return aws_s3.LifecycleRule(
        id=f"Expire-{prefix}", prefix=f"{prefix}/", expiration=Duration.days(days)
    )


def _cors(settings: Settings) -> list[aws_s3.CorsRule] | None:
    """Let the web pages that may call the API send it large photos too."""
    if not settings.cors_origins:
        return None
    return [
        aws_s3.CorsRule(
            allowed_methods=[aws_s3.HttpMethods.POST],
            allowed_origins=list(settings.cors_origins),
            allowed_headers=["*"],
        )
    ]
