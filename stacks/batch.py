"""What a batch transform needs: a prefix of the bucket that expires, and the model's rights to it.

A transform runs with the stage's Model, and so with the Model's role.
"""

from aws_cdk import ArnFormat, Duration, Stack, aws_iam, aws_s3
from constructs import Construct

from model_code.batch import BATCH_PREFIX

KEPT = Duration.days(7)  # as long as a run that was stopped can go on
EXPIRE_BATCH = "ExpireBatch"


def expire_batch() -> aws_s3.LifecycleRule:
    """Remove features and answers after some days; the bucket's versions of them a day later."""
    return aws_s3.LifecycleRule(
        id=EXPIRE_BATCH,
        prefix=f"{BATCH_PREFIX}/",
        expiration=KEPT,
        noncurrent_version_expiration=Duration.days(1),
    )


def run_batch(
    scope: Construct, bucket: aws_s3.IBucket, name_prefix: str
) -> list[aws_iam.PolicyStatement]:
    """Let the stage's transforms list and read their rows, write answers, and log.

    All transforms of an account and region share one log group, with streams by the job's name.
    https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
    """
    batch = f"{BATCH_PREFIX}/*"
    return [
        aws_iam.PolicyStatement(
            sid="ListBatch",
            actions=["s3:ListBucket"],
            resources=[bucket.bucket_arn],
            conditions={"StringLike": {"s3:prefix": batch}},
        ),
        aws_iam.PolicyStatement(
            sid="UseBatch",
            actions=["s3:GetObject", "s3:PutObject"],
            resources=[bucket.arn_for_objects(batch)],
        ),
        aws_iam.PolicyStatement(
            sid="LogBatch",
            actions=[
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            resources=batch_logs(scope, name_prefix),
        ),
    ]


def batch_logs(scope: Construct, name_prefix: str) -> list[str]:
    """Name the log group, and in it the streams of this stage's jobs."""
    group = Stack.of(scope).format_arn(
        service="logs",
        resource="log-group",
        resource_name="/aws/sagemaker/TransformJobs",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return [group, f"{group}:log-stream:{name_prefix}-*"]
