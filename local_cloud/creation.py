"""What SageMaker refuses to create although each member of the request is as described."""

from collections import Counter

from local_cloud.api_description import Document, SageMakerError


def check_model(request: Document) -> None:
    """Refuse a model without a role, or with two ways to say its containers.

    Raises
    ------
    SageMakerError
        It is refused.
    """
    if "ExecutionRoleArn" not in request:
        raise SageMakerError(
            "1 validation error detected: Value null at 'executionRoleArn' failed to satisfy "
            "constraint: Member must not be null"
        )
    if "PrimaryContainer" in request and "Containers" in request:
        raise SageMakerError("Give either PrimaryContainer or Containers, not both.")


def check_endpoint_config(request: Document) -> None:
    """Refuse variants that could not be told apart, run, or given any traffic.

    Raises
    ------
    SageMakerError
        They are refused.
    """
    variants = request["ProductionVariants"]
    name, count = Counter(variant["VariantName"] for variant in variants).most_common(1)[0]
    if count > 1:
        raise SageMakerError(f"The variant name {name} is there {count} times. Names are unique.")
    for variant in variants:
        _check_variant(variant)
    if not any(variant.get("InitialVariantWeight", 1) for variant in variants):
        raise SageMakerError("The weights of the production variants must not all be 0.")


def _check_variant(variant: Document) -> None:
    name = variant["VariantName"]
    if "ModelName" not in variant:
        # AWS takes it where inference components bring their own models later.
        raise SageMakerError(
            f"The variant {name} has no ModelName. Inference components are not emulated here."
        )
    missing = [part for part in ("InstanceType", "InitialInstanceCount") if part not in variant]
    if missing and "ServerlessConfig" not in variant:
        raise SageMakerError(f"The variant {name} has no {' and no '.join(missing)}.")
