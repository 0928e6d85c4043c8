"""One's own key for what lies still: releases, captured rows, the instances' disks, logs."""

from aws_cdk import RemovalPolicy, Stack, aws_iam, aws_kms
from constructs import Construct

from stacks.settings import Settings, stack_name


def own_key(scope: Construct, *, settings: Settings) -> aws_kms.Key:
    """Create a key that rotates every year; identities of the account get it by their policies."""
    key = aws_kms.Key(
        scope,
        "Key",
        description=f"ChickLearning {settings.stage}: releases, endpoint, logs, Lambda",
        enable_key_rotation=True,
        # Without its key the bucket that is kept could not be read.
        removal_policy=RemovalPolicy.RETAIN if settings.keep_releases else RemovalPolicy.DESTROY,
    )
    key.add_to_resource_policy(_logs(Stack.of(scope), settings))
    return key


def _logs(stack: Stack, settings: Settings) -> aws_iam.PolicyStatement:
    """Let CloudWatch Logs use the key, for the log groups of this stage's stacks alone.

    It is a service that comes by itself, with no identity that could have a policy. The `*` is
    this key: a key policy knows no other.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    groups = f"log-group:{stack_name(settings.stage, '*')}"
    return aws_iam.PolicyStatement(
        sid="Logs",
        principals=[aws_iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
        actions=["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"],
        resources=["*"],
        conditions={
            "ArnLike": {
                "kms:EncryptionContext:aws:logs:arn": (
                    f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:{groups}"
                )
            }
        },
    )


def use_key(key: aws_kms.IKey) -> list[aws_iam.PolicyStatement]:
    """Let an endpoint read the release, write captured rows and mount its instances' disks.

    https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
    """
    return [
        aws_iam.PolicyStatement(
            sid="UseKey",
            actions=["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"],
            resources=[key.key_arn],
        ),
        aws_iam.PolicyStatement(
            sid="LendKeyToDisks",
            actions=["kms:CreateGrant"],
            resources=[key.key_arn],
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    ]
