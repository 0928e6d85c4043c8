"""A release in the bucket -> a SageMaker endpoint that carries its id."""

from aws_cdk import Stack, aws_iam, aws_sagemaker
from constructs import Construct

from model_code.release import MODEL_ARCHIVE, S3_PREFIX, Release
from stacks.artifacts import ArtifactsStack
from stacks.batch import run_batch
from stacks.capture import data_capture, write_captured
from stacks.endpoint_alarms import EndpointAlarms
from stacks.endpoint_role import execution_role
from stacks.endpoint_update import deployment_config, watch_alarms
from stacks.image import Image
from stacks.key import use_key
from stacks.network import Network, join_network
from stacks.reasons import accept_wildcards
from stacks.scaling import Scaling
from stacks.settings import Settings
from stacks.variant import variant


class Endpoint(Construct):
    """Role, Model, EndpointConfig and Endpoint of one release.

    The endpoint's name carries the release id, so a new release is a new endpoint beside the
    old one, which CloudFormation removes last. The variant's name carries it too: SageMaker
    returns it with each answer, and the Lambda compares. Model and EndpointConfig stay
    unnamed: a fixed name would block their replacement.
    """

    def __init__(
        self, scope: Construct, name: str, *, release: Release, artifacts: ArtifactsStack,
        settings: Settings,
    ) -> None:  # fmt: skip
        super().__init__(scope, name)
        bucket = artifacts.bucket
        key_arn = artifacts.key.key_arn if artifacts.key else None
        self.name_prefix = f"chicklearning-{settings.stage}"
        self.plain_name = _name(self.name_prefix, release, settings)
        self.alarms = EndpointAlarms(
            self, "Alarms", endpoint_name=self.plain_name, variant=release.id, stage=settings.stage
        )
        image = Image(Stack.of(self), release.model.container_version)
        role = execution_role(
            self,
            image=image,
            bucket=bucket,
            name_prefix=self.name_prefix,
            also=[
                watch_alarms(self.alarms),
                *run_batch(self, bucket, self.name_prefix),
                *([write_captured(bucket)] if settings.capture_percent else []),
                *(use_key(artifacts.key) if artifacts.key else []),
                *([join_network()] if artifacts.network else []),
            ],
        )
        model = aws_sagemaker.CfnModel(
            self,
            "Model",
            execution_role_arn=role.role_arn,
            # The container scores rows; it has nobody to call. Serverless has no such switch.
            enable_network_isolation=None if settings.serverless else True,
            vpc_config=_vpc_config(artifacts.network),
            primary_container=aws_sagemaker.CfnModel.ContainerDefinitionProperty(
                image=image.uri,
                model_data_url=bucket.s3_url_for_object(
                    f"{S3_PREFIX}/{release.id}/{MODEL_ARCHIVE}"
                ),
            ),
        )
        config = aws_sagemaker.CfnEndpointConfig(
            self,
            "Config",
            production_variants=[
                variant(name=release.id, model_name=model.attr_model_name, settings=settings)
            ],
            kms_key_id=key_arn,
            data_capture_config=data_capture(bucket=bucket, key_arn=key_arn, settings=settings)
            if settings.capture_percent
            else None,
        )
        self.endpoint = aws_sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=self.plain_name,
            endpoint_config_name=config.attr_endpoint_config_name,
            # Serverless has no such guard; a change of it is live at once.
            deployment_config=None
            if settings.serverless
            else deployment_config(alarms=self.alarms, settings=settings),
            # An update in place keeps the number of instances that autoscaling has come to.
            retain_all_variant_properties=True if settings.max_instances else None,
        )
        if settings.max_instances:
            Scaling(self, "Scaling", endpoint_name=self.name, variant=release.id, settings=settings)

    @property
    def name(self) -> str:
        """A reference, so that whoever uses the name waits for the endpoint."""
        return self.endpoint.attr_endpoint_name

    def grant_invoke(self, grantee: aws_iam.IRole) -> None:
        """Let `grantee` ask this stage's endpoints, whichever release they serve.

        Not this release's alone: while a new release goes live, the policy changes first, and
        the old Lambda version still asks the old endpoint.
        """
        arn = Stack.of(self).format_arn(
            service="sagemaker", resource="endpoint", resource_name=f"{self.name_prefix}-*"
        )
        aws_iam.Grant.add_to_principal(
            grantee=grantee, actions=["sagemaker:InvokeEndpoint"], resource_arns=[arn]
        )
        accept_wildcards(
            grantee,
            "While a release goes live, both its endpoint and the old one are asked.",
            [arn],
        )


def _name(prefix: str, release: Release, settings: Settings) -> str:
    """Name the endpoint of a release, another one where it is serverless.

    SageMaker refuses to turn an endpoint with instances into a serverless one, so that is a new
    endpoint beside the old, as a new release is.
    https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
    """
    return f"{prefix}-{release.id}{'-serverless' if settings.serverless else ''}"


def _vpc_config(network: Network | None) -> aws_sagemaker.CfnModel.VpcConfigProperty | None:
    if network is None:
        return None
    return aws_sagemaker.CfnModel.VpcConfigProperty(
        subnets=network.subnets, security_group_ids=[network.model_group.security_group_id]
    )
