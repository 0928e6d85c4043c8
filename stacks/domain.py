"""The API at a name of one's own."""

from aws_cdk import Stack, aws_apigateway, aws_certificatemanager
from constructs import Construct

from stacks.settings import SettingError, Settings
from stacks.tls import DOMAIN_ACCESS, DOMAIN_POLICY


class Domain(Construct):
    """A regional domain name whose root is the stage: `https://<domain_name>/v1/predict`.

    The DNS record is left to whoever has the zone: a CNAME, or an alias in Route 53, to `target`.
    """

    def __init__(
        self, scope: Construct, name: str, *, stage: aws_apigateway.Stage, settings: Settings
    ) -> None:
        super().__init__(scope, name)
        _check_region(settings.certificate_arn, Stack.of(self).region)
        certificate = aws_certificatemanager.Certificate.from_certificate_arn(
            self, "Certificate", settings.certificate_arn
        )
        domain = aws_apigateway.DomainName(
            self,
            "Name",
            domain_name=settings.domain_name,
            certificate=certificate,
            endpoint_type=aws_apigateway.EndpointType.REGIONAL,
            security_policy=DOMAIN_POLICY,
            endpoint_access_mode=DOMAIN_ACCESS,
        )
        domain.add_base_path_mapping(stage.rest_api, stage=stage)
        self.target = domain.domain_name_alias_domain_name


def _check_region(certificate_arn: str, region: str) -> None:
    """Refuse at once what API Gateway would refuse in the middle of a deploy."""
    actual = certificate_arn.split(":")[3]
    if actual != region:
        raise SettingError(
            f"-c certificate_arn={certificate_arn}: It is of {actual}; use one of {region}."
        )
