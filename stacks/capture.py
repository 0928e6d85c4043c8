"""A sample of what the endpoint was asked and answered: rows of features and scores, no photo."""

from aws_cdk import Duration, aws_iam, aws_s3, aws_sagemaker

from stacks.settings import Settings

PREFIX = "captured"  # beside the releases, in the same bucket
EXPIRE_CAPTURED = "ExpireCaptured"

DataCapture = aws_sagemaker.CfnEndpointConfig.DataCaptureConfigProperty
Option = aws_sagemaker.CfnEndpointConfig.CaptureOptionProperty
Types = aws_sagemaker.CfnEndpointConfig.CaptureContentTypeHeaderProperty


def data_capture(*, bucket: aws_s3.IBucket, key_arn: str | None, settings: Settings) -> DataCapture:
    """Keep `capture_percent` of the requests, with their answers.

    SageMaker puts endpoint, variant and hour into the objects' names:
    https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html
    """
    return DataCapture(
        enable_capture=True,
        initial_sampling_percentage=settings.capture_percent,
        destination_s3_uri=bucket.s3_url_for_object(PREFIX),
        kms_key_id=key_arn,
        capture_options=[Option(capture_mode="Input"), Option(capture_mode="Output")],
        # Named types are kept as text; any other as base64.
        capture_content_type_header=Types(
            csv_content_types=["text/csv"], json_content_types=["application/json"]
        ),
    )


def write_captured(bucket: aws_s3.IBucket) -> aws_iam.PolicyStatement:
    """Let the endpoint add to the sample, and neither read nor list it."""
    return aws_iam.PolicyStatement(
        sid="WriteCaptured",
        actions=["s3:PutObject"],
        resources=[bucket.arn_for_objects(f"{PREFIX}/*")],
    )


def expire_captured(settings: Settings) -> aws_s3.LifecycleRule:
    """Remove what was captured after some days; the bucket's versions of it a day later."""
    return aws_s3.LifecycleRule(
        id=EXPIRE_CAPTURED,
        prefix=f"{PREFIX}/",
        expiration=Duration.days(settings.capture_days),
        noncurrent_version_expiration=Duration.days(1),
    )
