"""The local CodeDeploy: what a hook reports and an alarm says decides whether the alias moves."""

from collections.abc import Callable
from typing import Any

import pytest

from local_cloud.codedeploy import CodeDeploy, CodeDeployError, Surroundings

GROUP = {"AlarmConfiguration": {"Enabled": True, "Alarms": [{"Name": "errors"}]}}


class World:
    """Runs a hook that does what a test says; holds the alarm `errors`."""

    def __init__(self) -> None:
        self.state: str | None = "OK"
        self.event: dict[str, str] = {}
        self.hook: Callable[[], object] = self.report
        self.codedeploy = CodeDeploy(Surroundings(self.invoke, lambda name: self.state))

    def invoke(self, function: str, event: dict[str, str]) -> str:
        self.event = event
        self.hook()
        return "what the hook printed"

    def report(self, status: str = "Succeeded", **other: str) -> Any:
        request = {
            "deploymentId": self.event["DeploymentId"],
            "lifecycleEventHookExecutionId": self.event["LifecycleEventHookExecutionId"],
            "status": status,
        }
        return self.codedeploy.call("PutLifecycleEventHookExecutionStatus", {**request, **other})

    def deploy(self, hook: str | None = "smoke-test") -> str:
        return self.codedeploy.deploy(GROUP, hook, lambda: "moved")


@pytest.fixture
def world() -> World:
    return World()


def test_the_alias_moves_after_a_hook_that_succeeds(world: World) -> None:
    assert world.deploy() == "moved"


def test_it_moves_without_a_hook(world: World) -> None:
    assert world.deploy(hook=None) == "moved"


def test_a_failed_hook_stops_it_and_its_log_is_told(world: World) -> None:
    world.hook = lambda: world.report("Failed")
    with pytest.raises(ValueError, match=r"reported Failed.*\nwhat the hook printed"):
        world.deploy()


def test_a_hook_that_reports_nothing_stops_it(world: World) -> None:
    world.hook = lambda: None
    with pytest.raises(ValueError, match="AWS would wait an hour"):
        world.deploy()


@pytest.mark.parametrize(("state", "message"), [("ALARM", "in ALARM"), (None, "not there")])
def test_an_alarm_before_or_during_it_stops_it(
    world: World, state: str | None, message: str
) -> None:
    def go_off() -> None:
        world.report()
        world.state = state

    world.hook = go_off
    for _ in range(2):  # during the first, before the second
        with pytest.raises(ValueError, match=message):
            world.deploy()


def test_an_alarm_without_data_does_not_stop_it(world: World) -> None:
    world.state = "INSUFFICIENT_DATA"
    assert world.deploy() == "moved"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"deploymentId": "d-NONE"}, "DeploymentDoesNotExistException"),
        (
            {"lifecycleEventHookExecutionId": "none"},
            "InvalidLifecycleEventHookExecutionIdException",
        ),
        ({"status": "Skipped"}, "InvalidLifecycleEventHookExecutionStatusException"),
        ({}, "LifecycleEventAlreadyCompletedException"),
    ],
)
def test_a_report_that_aws_would_refuse_is_refused(
    world: World, wrong: dict[str, str], code: str
) -> None:
    world.deploy()
    with pytest.raises(CodeDeployError) as refusal:
        world.report(**wrong)
    assert refusal.value.code == code


def test_another_operation_is_named(world: World) -> None:
    with pytest.raises(CodeDeployError, match="ListDeployments is not emulated"):
        world.codedeploy.call("ListDeployments", {})
