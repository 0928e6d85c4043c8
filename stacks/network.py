"""A private network: no gateway to the internet and no NAT, and two AWS services at hand."""

from aws_cdk import Fn, aws_ec2, aws_iam
from constructs import Construct

HTTPS = aws_ec2.Port.tcp(443)


class Network(Construct):
    """Two subnets in two zones, as SageMaker demands, and who may talk to whom in them.

    The Lambda reaches SageMaker's runtime, and S3, where the inbox is; the model's instances reach
    S3, where their archive is.
    Images, logs, metrics and keys travel by AWS's own services, outside of it:
    https://docs.aws.amazon.com/sagemaker/latest/dg/host-vpc.html
    """

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        self.vpc = aws_ec2.Vpc(
            self,
            "Vpc",
            # References: a synth looks nothing up in an account.
            availability_zones=[Fn.select(zone, Fn.get_azs()) for zone in (0, 1)],
            nat_gateways=0,
            subnet_configuration=[
                aws_ec2.SubnetConfiguration(
                    name="Private", subnet_type=aws_ec2.SubnetType.PRIVATE_ISOLATED
                )
            ],
        )
        self.vpc.add_gateway_endpoint("S3", service=aws_ec2.GatewayVpcEndpointAwsService.S3)
        self.lambda_group = self._group("Lambda", "The Lambda, which asks the endpoint")
        self.model_group = self._group("Model", "Instances that fetch and serve the release")
        # S3's addresses are public ones; without a gateway no others answer.
        for group in (self.lambda_group, self.model_group):
            group.add_egress_rule(aws_ec2.Peer.any_ipv4(), HTTPS, "S3, by its gateway")
        runtime_group = self._group("Runtime", "Runtime of SageMaker")
        self.vpc.add_interface_endpoint(
            "SageMakerRuntime",
            service=aws_ec2.InterfaceVpcEndpointAwsService.SAGEMAKER_RUNTIME,
            security_groups=[runtime_group],
            open=False,  # to the Lambda, not to the whole network
        )
        runtime_group.connections.allow_from(self.lambda_group, HTTPS, "InvokeEndpoint")

    @property
    def subnets(self) -> list[str]:
        """Return the ids of the subnets."""
        return [subnet.subnet_id for subnet in self.vpc.isolated_subnets]

    def _group(self, name: str, description: str) -> aws_ec2.SecurityGroup:
        return aws_ec2.SecurityGroup(
            self, name, vpc=self.vpc, description=description, allow_all_outbound=False
        )


def join_network() -> aws_iam.PolicyStatement:
    """Let the endpoint's role, or the Lambda's, put a network interface into the network.

    None of it takes a resource that is known before, and most takes none at all.
    https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    return aws_iam.PolicyStatement(
        sid="JoinNetwork",
        actions=[
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:CreateNetworkInterfacePermission",
            "ec2:DeleteNetworkInterface",
            "ec2:DeleteNetworkInterfacePermission",
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "ec2:UnassignPrivateIpAddresses",
        ],
        resources=["*"],
    )
