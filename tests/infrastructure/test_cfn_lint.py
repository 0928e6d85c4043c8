"""cfn-lint over what `cdk synth` wrote: schemas, references, regions, deprecated runtimes."""

from collections.abc import Callable

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from stacks.settings import STAGES
from tests.infrastructure.conftest import Synth

# The regions that the README names.
REGIONS = ["ap-northeast-2", "us-east-1", "eu-west-1"]
# CDK writes into DependsOn what a GetAtt says too, for each function with a role of its own.
IGNORED = ["W3005"]


@pytest.mark.parametrize("part", ["Artifacts", "Service"])
@pytest.mark.parametrize("stage", STAGES)
def test_a_template_is_clean(synth_stage: Callable[..., Synth], stage: str, part: str) -> None:
    template = synth_stage(stage).folder / f"ChickLearning-{stage}-{part}.template.json"
    assert complaints(template.read_text()) == []


def test_a_template_with_a_fault_is_not() -> None:
    bucket = '{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"Nmae": "x"}}}}'
    (complaint,) = complaints(bucket)
    assert "Nmae" in complaint


def complaints(template: str) -> list[str]:
    config = ManualArgs(ignore_checks=IGNORED, regions=REGIONS, include_checks=["I"])
    return [str(match) for match in lint(template, config=config)]
