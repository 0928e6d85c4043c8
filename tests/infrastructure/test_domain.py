"""A name of one's own: off by default, TLS 1.2 at least, its root the stage."""

from collections.abc import Callable
from pathlib import Path

import pytest

from stacks.settings import SettingError, settings_of
from tests.infrastructure.conftest import Synth, run_synth

POLICY = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
NAME = "chicken.example.com"
ARN = "arn:aws:acm:ap-northeast-2:123456789012:certificate/12345678-1234-1234-1234-123456789012"


@pytest.fixture(scope="module")
def named(synth_stage: Callable[..., Synth]) -> Synth:
    return synth_stage("prod", domain_name=NAME, certificate_arn=ARN)


def test_by_default_there_is_none(prod: Synth) -> None:
    assert not prod.resources("AWS::ApiGateway::DomainName")
    assert "DomainTarget" not in prod.service.find_outputs("*")


def test_it_is_regional_with_its_certificate_and_a_tls_of_today(named: Synth) -> None:
    domain = named.properties("AWS::ApiGateway::DomainName")
    assert domain["DomainName"] == NAME
    assert domain["RegionalCertificateArn"] == ARN
    assert domain["EndpointConfiguration"]["Types"] == ["REGIONAL"]
    api = named.properties("AWS::ApiGateway::RestApi")
    for resource in (domain, api):
        assert resource["SecurityPolicy"] == POLICY
        assert resource["EndpointAccessMode"] == "STRICT"


def test_the_address_of_aws_takes_a_tls_of_today_too(dev: Synth) -> None:
    assert dev.properties("AWS::ApiGateway::RestApi")["SecurityPolicy"] == POLICY


def test_its_root_is_the_stage(named: Synth) -> None:
    mapping = named.properties("AWS::ApiGateway::BasePathMapping")
    (stage,) = named.resources("AWS::ApiGateway::Stage")
    assert mapping["Stage"] == {"Ref": stage}
    assert not mapping.get("BasePath")


def test_the_output_tells_what_a_dns_record_points_at(named: Synth) -> None:
    output = named.service.find_outputs("DomainTarget")["DomainTarget"]
    (domain,) = named.resources("AWS::ApiGateway::DomainName")
    assert output["Value"] == {"Fn::GetAtt": [domain, "RegionalDomainName"]}
    assert NAME in output["Description"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"domain_name": NAME}, "domain_name and certificate_arn go together"),
        ({"certificate_arn": ARN}, "domain_name and certificate_arn go together"),
        ({"domain_name": "https://a.example", "certificate_arn": ARN}, "-c domain_name=https"),
        ({"domain_name": "localhost", "certificate_arn": ARN}, "-c domain_name=localhost"),
        ({"domain_name": NAME, "certificate_arn": "mine"}, "-c certificate_arn=mine"),
    ],
)
def test_half_a_domain_is_refused(override: dict[str, str], message: str) -> None:
    with pytest.raises(SettingError) as caught:
        settings_of("prod", override)
    assert message in str(caught.value)


def test_a_certificate_of_another_region_is_refused(tmp_path: Path, release_folder: Path) -> None:
    elsewhere = ARN.replace("ap-northeast-2", "us-east-1")
    context = {"stage": "prod", "domain_name": NAME, "certificate_arn": elsewhere}
    result = run_synth(tmp_path, release_folder, **context)
    assert result.returncode != 0
    assert "error: -c certificate_arn=" in result.stderr
    assert "It is of us-east-1; use one of ap-northeast-2" in result.stderr
