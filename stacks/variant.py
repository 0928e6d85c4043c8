"""What a release runs on: instances, or nothing that is there between the requests."""

from typing import Any

from aws_cdk import aws_sagemaker

from stacks.settings import Settings

Variant = aws_sagemaker.CfnEndpointConfig.ProductionVariantProperty


def variant(*, name: str, model_name: str, settings: Settings) -> Variant:
    """Describe the only variant of an endpoint."""
    capacity = _serverless(settings) if settings.serverless else _instances(settings)
    return Variant(variant_name=name, model_name=model_name, initial_variant_weight=1, **capacity)


def _instances(settings: Settings) -> dict[str, Any]:
    return {
        "instance_type": settings.instance_type,
        "initial_instance_count": settings.instance_count,
    }


def _serverless(settings: Settings) -> dict[str, Any]:
    config = aws_sagemaker.CfnEndpointConfig.ServerlessConfigProperty(
        memory_size_in_mb=settings.serverless_memory,
        max_concurrency=settings.serverless_concurrency,
    )
    return {"serverless_config": config}
