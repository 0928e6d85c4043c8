"""The bucket: versioned, encrypted, TLS only, nothing public, kept in prod."""

from aws_cdk.assertions import Match

from tests.infrastructure.conftest import Synth


def test_the_bucket_is_versioned_encrypted_and_closed(dev: Synth) -> None:
    dev.artifacts.has_resource_properties(
        "AWS::S3::Bucket",
        {
            "VersioningConfiguration": {"Status": "Enabled"},
            "BucketEncryption": Match.any_value(),
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        },
    )


def test_the_bucket_takes_tls_only(dev: Synth) -> None:
    denied = {
        "Action": "s3:*",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    dev.artifacts.has_resource_properties(
        "AWS::S3::BucketPolicy",
        {"PolicyDocument": {"Statement": Match.array_with([Match.object_like(denied)])}},
    )


def test_releases_outlive_a_destroy_in_prod_only(dev: Synth, prod: Synth) -> None:
    prod.artifacts.has_resource("AWS::S3::Bucket", {"DeletionPolicy": "Retain"})
    prod.artifacts.has_output("ReleasesOnDestroy", {"Value": "kept"})
    dev.artifacts.has_resource("AWS::S3::Bucket", {"DeletionPolicy": "Delete"})
    dev.artifacts.has_output("ReleasesOnDestroy", {"Value": "deleted"})


def test_what_is_deleted_can_be_restored_for_a_month(dev: Synth) -> None:
    rule = {
        "Status": "Enabled",
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "ExpiredObjectDeleteMarker": True,
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }
    dev.artifacts.has_resource_properties(
        "AWS::S3::Bucket", {"LifecycleConfiguration": {"Rules": Match.array_with([rule])}}
    )


def test_it_tells_prune_how_many_releases_to_keep_and_who_serves(dev: Synth) -> None:
    dev.artifacts.has_output("KeptReleases", {"Value": "10"})
    dev.artifacts.has_output("ServiceStack", {"Value": "ChickLearning-dev-Service"})
