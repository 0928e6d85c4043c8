"""cdk-nag's AwsSolutions pack: each finding has a written reason, and each reason a finding."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from aws_cdk import Acknowledgment, App
from cdk_nag import AwsSolutionsChecks
from constructs import IConstruct

from cdk_app.app import build
from stacks import reasons
from stacks.settings import STAGES
from tests.infrastructure.conftest import ROOT


class Entry(NamedTuple):
    """A finding, or the acceptance of one."""

    rule: str
    path: str

    def covers(self, finding: "Entry") -> bool:
        """Tell whether this acceptance is for that finding: at its construct, or above."""
        return self.rule == finding.rule and f"{finding.path}/".startswith(f"{self.path}/")


class Checked(NamedTuple):
    """What the pack found in one stage, and what the code accepts there."""

    findings: list[Entry]
    accepted: list[Entry]


class Recorder:
    """Notes what is accepted in the place of CDK, so that the pack tells every finding."""

    def __init__(self) -> None:
        self.accepted: list[Entry] = []
        self.path = ""

    def of(self, construct: IConstruct) -> "Recorder":
        self.path = construct.node.path
        return self

    def acknowledge(self, rule: Acknowledgment) -> None:
        assert len(rule.reason.split()) >= 5, f"{rule.id} at {self.path} needs a sentence"
        self.accepted.append(Entry(rule.id, self.path))


@pytest.fixture(scope="module")
def check(release_folder: Path) -> Callable[[str], Checked]:
    """Synthesize a stage in this process, which the pack needs, and run the pack over it."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]

    @cache
    def checked(stage: str) -> Checked:
        recorder = Recorder()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reasons, "Validations", recorder)
            app = App(context={**context, "stage": stage, "release": str(release_folder)})
            build(app)
        app.synth()  # references between the stacks are resolved by it
        report = AwsSolutionsChecks().validate_scope(app)
        findings = [
            Entry(violation.rule_name, resource.construct_path or "")
            for violation in report.violations
            for resource in violation.violating_resources
        ]
        return Checked(findings, recorder.accepted)

    return checked


@pytest.mark.parametrize("stage", STAGES)
def test_each_finding_has_a_reason(check: Callable[[str], Checked], stage: str) -> None:
    findings, accepted = check(stage)
    assert findings
    unexplained = [found for found in findings if not any(a.covers(found) for a in accepted)]
    assert unexplained == []


def test_each_reason_has_a_finding(check: Callable[[str], Checked]) -> None:
    stages = [check(stage) for stage in STAGES]
    findings = [finding for stage in stages for finding in stage.findings]
    for accepted in {entry for stage in stages for entry in stage.accepted}:
        assert any(accepted.covers(finding) for finding in findings), accepted
