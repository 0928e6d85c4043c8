"""The model that a stage serves, found from its endpoint: a transform runs with the same one."""

from typing import Any, NamedTuple

from model_code.aws import aws_errors
from model_code.errors import UserError
from model_code.release import MODEL_ARCHIVE, S3_PREFIX


class Deployed(NamedTuple):
    """A SageMaker Model, and what is around it."""

    name: str
    release: str
    bucket: str  # of the release
    stage: str  # what the names of the stage's endpoints begin with
    key: str | None  # encrypts the disks of its instances


def deployed_model(endpoint: str, sagemaker: Any) -> Deployed:
    """Find the model behind an endpoint of ours.

    Raises
    ------
    UserError
        There is no such endpoint, or its model is no release.
    """
    with aws_errors(f"read endpoint {endpoint}"):
        config = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
        described = sagemaker.describe_endpoint_config(EndpointConfigName=config)
        variant = described["ProductionVariants"][0]
        model = sagemaker.describe_model(ModelName=variant["ModelName"])
    url = model.get("PrimaryContainer", {}).get("ModelDataUrl", "")
    release, (bucket, _, key) = variant["VariantName"], url.removeprefix("s3://").partition("/")
    if key != f"{S3_PREFIX}/{release}/{MODEL_ARCHIVE}":
        raise UserError(f"Endpoint {endpoint} serves {url}, which is no release of this project.")
    stage = endpoint.partition(release)[0]
    return Deployed(variant["ModelName"], release, bucket, stage, described.get("KmsKeyId"))
