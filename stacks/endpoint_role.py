"""What SageMaker may do for an endpoint or a transform: one image, few prefixes, its logs."""

from aws_cdk import ArnFormat, Stack, aws_iam, aws_s3
from constructs import Construct

from model_code.batch import BATCH_PREFIX
from model_code.release import S3_PREFIX
from stacks.batch import batch_logs
from stacks.image import Image
from stacks.reasons import accept_wildcards


def execution_role(
    scope: Construct, *, image: Image, bucket: aws_s3.IBucket, name_prefix: str,
    also: list[aws_iam.PolicyStatement],
) -> aws_iam.Role:  # fmt: skip
    """Create the role: pull one image, read one prefix, write this stage's endpoint logs.

    `also` is what single settings need. The policy is inline, so that the role is never there
    without it when the Model needs it.
    https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
    """
    logs = Stack.of(scope).format_arn(
        service="logs",
        resource="log-group",
        resource_name=f"/aws/sagemaker/Endpoints/{name_prefix}-*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    releases = bucket.arn_for_objects(f"{S3_PREFIX}/*")
    statements = {
        "EcrLogin": (["ecr:GetAuthorizationToken"], ["*"]),  # it takes no resource
        "PullImage": (
            [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            [image.repository_arn],
        ),
        "ReadReleases": (["s3:GetObject"], [releases]),
        "WriteLogs": (
            [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            [logs, f"{logs}:log-stream:*"],
        ),
    }
    role = aws_iam.Role(
        scope,
        "Role",
        assumed_by=aws_iam.ServicePrincipal("sagemaker.amazonaws.com"),
        inline_policies={
            "Serve": aws_iam.PolicyDocument(
                statements=[
                    *(
                        aws_iam.PolicyStatement(sid=sid, actions=actions, resources=resources)
                        for sid, (actions, resources) in statements.items()
                    ),
                    *also,
                ]
            )
        },
    )
    _accept_wildcards(role, bucket, [logs, f"{logs}:log-stream:*"])
    # The group itself has no wildcard.
    _accept_batch(role, bucket, batch_logs(scope, name_prefix)[1:])
    return role


def _accept_batch(role: aws_iam.Role, bucket: aws_s3.IBucket, logs: list[str]) -> None:
    imported = f"{Stack.of(bucket).export_value(bucket.bucket_arn)}/{BATCH_PREFIX}/*"
    accept_wildcards(role, "Each transform has a prefix of its own below this one.", [imported])
    accept_wildcards(role, "A transform's streams begin with its name, the stage's first.", logs)


def _accept_wildcards(role: aws_iam.Role, bucket: aws_s3.IBucket, logs: list[str]) -> None:
    # What the releases' ARN becomes in the template, since the bucket is another stack's.
    imported = f"{Stack.of(bucket).export_value(bucket.bucket_arn)}/{S3_PREFIX}/*"
    accept_wildcards(role, "ecr:GetAuthorizationToken takes no resource but this.", ["*"])
    accept_wildcards(role, "While a release goes live, it reads the next one.", [imported])
    accept_wildcards(
        role,
        "SageMaker makes a log group for each endpoint, and each release is a new endpoint.",
        logs,
    )
