"""Going live: the smoke test first, by CodeDeploy, with just the rights that this takes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.conftest import Synth, run_synth

GROUP = "AWS::CodeDeploy::DeploymentGroup"


def policy_of(synth: Synth) -> dict[str, Any]:
    (alias,) = synth.resources("AWS::Lambda::Alias").values()
    found: dict[str, Any] = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    return found


def smoke_test(synth: Synth) -> tuple[str, dict[str, Any]]:
    functions = synth.resources("AWS::Lambda::Function").items()
    (found,) = (item for item in functions if item[1]["Properties"]["Handler"] != "handler.handler")
    return found


def test_dev_moves_at_once_and_prod_by_a_canary_with_alarms(dev: Synth, prod: Synth) -> None:
    at_once, canary = dev.properties(GROUP), prod.properties(GROUP)
    assert at_once["DeploymentConfigName"] == "CodeDeployDefault.LambdaAllAtOnce"
    assert "Alarms" not in at_once.get("AlarmConfiguration", {})
    assert canary["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
    assert canary["AlarmConfiguration"]["Alarms"]
    assert canary["AutoRollbackConfiguration"]["Events"] == [
        "DEPLOYMENT_FAILURE",
        "DEPLOYMENT_STOP_ON_ALARM",
    ]


def test_either_stage_asks_the_golden_photos_first(dev: Synth, prod: Synth) -> None:
    for synth in (dev, prod):
        hook, function = smoke_test(synth)
        assert policy_of(synth)["BeforeAllowTrafficHook"] == {"Ref": hook}
        variables = function["Properties"]["Environment"]["Variables"]
        (version,) = synth.resources("AWS::Lambda::Version")
        assert variables == {"NEW_VERSION": {"Ref": version}}


def test_its_zip_is_the_smoke_test_and_the_golden_photos(dev: Synth, release_folder: Path) -> None:
    folder = dev.folder / str(smoke_test(dev)[1]["Metadata"]["aws:asset:path"])
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    golden = {f"golden/{path.name}" for path in (release_folder / "golden").iterdir()}
    assert files == {"smoke_test.py", "release.json", *golden}


def test_the_alias_moves_after_the_smoke_test_and_the_group_are_there(dev: Synth) -> None:
    (alias,) = dev.resources("AWS::Lambda::Alias").values()
    (group,) = dev.resources(GROUP)
    assert {smoke_test(dev)[0], group} <= set(alias["DependsOn"])


def test_the_smoke_tests_zip_and_rights_stay_out_of_the_other(dev: Synth) -> None:
    for function in dev.resources("AWS::Lambda::Function").values():
        names = {p.name for p in (dev.folder / function["Metadata"]["aws:asset:path"]).iterdir()}
        assert ("smoke_test.py" in names) != ("handler.py" in names)


def granted(synth: Synth) -> Iterator[tuple[str, str]]:
    """Yield each action with its resource as text."""
    roles = synth.resources("AWS::IAM::Role").values()
    documents = [p["PolicyDocument"] for r in roles for p in r["Properties"].get("Policies", [])]
    policies = synth.resources("AWS::IAM::Policy").values()
    documents += [policy["Properties"]["PolicyDocument"] for policy in policies]
    for statement in (s for document in documents for s in document["Statement"]):
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            yield action, json.dumps(statement["Resource"])


def test_each_right_is_for_one_function_or_one_group(prod: Synth) -> None:
    functions = prod.resources("AWS::Lambda::Function")
    rights = dict(granted(prod))
    assert (
        "deploymentgroup:chicklearning-prod/live"
        in rights["codedeploy:PutLifecycleEventHookExecutionStatus"]
    )
    for action in ("lambda:UpdateAlias", "lambda:GetAlias", "lambda:InvokeFunction"):
        assert any(name in rights[action] for name in functions)
    assert rights["cloudwatch:DescribeAlarms"] == '"*"'


def test_a_canary_can_be_left_out_for_once(synth_stage: Callable[..., Synth]) -> None:
    group = synth_stage("prod", canary="false").properties("AWS::CodeDeploy::DeploymentGroup")
    assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaAllAtOnce"
    # Nothing said would leave the alarms of the last deploy in force.
    assert group["AlarmConfiguration"] == {"Enabled": False}


@pytest.mark.parametrize("value", ["maybe", "2"])
def test_a_canary_that_is_neither_yes_nor_no_is_refused(
    release_folder: Path, tmp_path: Path, value: str
) -> None:
    result = run_synth(tmp_path, release_folder, canary=value)
    assert result.returncode != 0
    assert f"-c canary={value}" in result.stderr
