"""A bucket as each of ours is: encrypted, closed to the public, TLS only, without other owners."""

from typing import Any

from aws_cdk import RemovalPolicy, aws_kms, aws_s3
from constructs import Construct

from stacks.reasons import accept
from stacks.settings import Settings


def closed_bucket(
    scope: Construct, name: str, *, settings: Settings, key: aws_kms.IKey | None,
    without_access_logs: str, **options: Any,
) -> aws_s3.Bucket:  # fmt: skip
    """Create it; `without_access_logs` says why it has none, `options` are aws_s3.Bucket's."""
    bucket = aws_s3.Bucket(
        scope,
        name,
        encryption=aws_s3.BucketEncryption.KMS if key else aws_s3.BucketEncryption.S3_MANAGED,
        encryption_key=key,
        bucket_key_enabled=True if key else None,  # fewer requests to KMS, which cost
        enforce_ssl=True,
        minimum_tls_version=1.2,
        block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        removal_policy=RemovalPolicy.RETAIN if settings.keep_releases else RemovalPolicy.DESTROY,
        **options,
    )
    accept(bucket, "AwsSolutions-S1", without_access_logs)
    return bucket
