"""A release in the bucket -> a SageMaker endpoint that carries its id."""

from aws_cdk import ArnFormat, Stack, aws_iam, aws_s3, aws_sagemaker
from constructs import Construct
from sagemaker.core import image_uris

from model_code.release import MODEL_ARCHIVE, S3_PREFIX, Release
from stacks.reasons import accept_wildcards
from stacks.settings import SettingError, Settings


class Endpoint(Construct):
    """Role, Model, EndpointConfig and Endpoint of one release.

    The endpoint's name carries the release id, so a new release is a new endpoint beside the
    old one, which CloudFormation removes last. The variant's name carries it too: SageMaker
    returns it with each answer, and the Lambda compares. Model and EndpointConfig stay
    unnamed: a fixed name would block their replacement.
    """

    def __init__(
        self, scope: Construct, name: str, *, release: Release, bucket: aws_s3.IBucket,
        settings: Settings,
    ) -> None:  # fmt: skip
        super().__init__(scope, name)
        self.name_prefix = f"chicklearning-{settings.stage}"
        image = _Image(Stack.of(self), release.model.container_version)
        role = _execution_role(self, image, bucket, self.name_prefix)
        model = aws_sagemaker.CfnModel(
            self,
            "Model",
            execution_role_arn=role.role_arn,
            enable_network_isolation=True,  # the container scores rows; it has nobody to call
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
                aws_sagemaker.CfnEndpointConfig.ProductionVariantProperty(
                    variant_name=release.id,
                    model_name=model.attr_model_name,
                    instance_type=settings.instance_type,
                    initial_instance_count=settings.instance_count,
                    initial_variant_weight=1,
                )
            ],
        )
        self.endpoint = aws_sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=f"{self.name_prefix}-{release.id}",
            endpoint_config_name=config.attr_endpoint_config_name,
        )

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


class _Image:
    """The built-in XGBoost container, in the account that AWS keeps it in for the region."""

    def __init__(self, stack: Stack, version: str) -> None:
        try:
            self.uri: str = image_uris.retrieve("xgboost", stack.region, version=version)
        except ValueError as error:
            raise SettingError(f"AWS keeps no XGBoost {version} image there: {error}") from error
        registry, _, path = self.uri.partition("/")
        self.repository_arn = stack.format_arn(
            service="ecr",
            account=registry.partition(".")[0],
            resource="repository",
            resource_name=path.partition(":")[0],
        )


def _execution_role(
    scope: Construct, image: _Image, bucket: aws_s3.IBucket, name_prefix: str
) -> aws_iam.Role:
    """Create the role: pull one image, read one prefix, write this stage's endpoint logs.

    The policy is inline, so that the role is never there without it when the Model needs it.
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
                    aws_iam.PolicyStatement(sid=sid, actions=actions, resources=resources)
                    for sid, (actions, resources) in statements.items()
                ]
            )
        },
    )
    # What `releases` becomes in the template, since the bucket is another stack's.
    imported = f"{Stack.of(bucket).export_value(bucket.bucket_arn)}/{S3_PREFIX}/*"
    accept_wildcards(role, "ecr:GetAuthorizationToken takes no resource but this.", ["*"])
    accept_wildcards(role, "While a release goes live, it reads the next one.", [imported])
    accept_wildcards(
        role,
        "SageMaker makes a log group for each endpoint, and each release is a new endpoint.",
        [logs, f"{logs}:log-stream:*"],
    )
    return role
