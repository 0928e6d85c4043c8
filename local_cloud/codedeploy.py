"""CodeDeploy for Lambda aliases: a hook is run, alarms are looked at, then the alias moves.

Time is not emulated: where AWS would send a tenth of the requests to the new version and wait,
all go to it at once.
"""

import uuid
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from local_cloud.api_description import Document

Moved = TypeVar("Moved")
STATUSES = ("Succeeded", "Failed")  # the others that the API describes are refused by AWS too


class CodeDeployError(Exception):
    """An error as the API gives it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Surroundings(NamedTuple):
    """What a deployment needs of the other services."""

    invoke: Callable[[str, Document], str]  # function, event -> its log
    alarm_state: Callable[[str], str | None]  # name -> OK, ALARM, ...; None: there is no such


class CodeDeploy:
    """Runs deployments one after the other, and takes what their hooks report."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        # deployment -> execution of its hook -> what it reported, None as long as it has not
        self._reports: dict[str, dict[str, str | None]] = {}

    def deploy(self, group: Document, hook: str | None, move: Callable[[], Moved]) -> Moved:
        """Let `move` give the traffic to the new version, or not.

        Raises
        ------
        ValueError
            The hook did not report success, or an alarm of the group is in alarm.
        """
        self._check_alarms(group)
        if hook:
            self._run_hook(hook)
            self._check_alarms(group)
        return move()

    def call(self, operation: str, request: Document) -> Document:
        """Answer the API's one operation that a hook uses.

        Raises
        ------
        CodeDeployError
            As the service would answer.
        """
        if operation != "PutLifecycleEventHookExecutionStatus":
            raise CodeDeployError("UnknownOperationException", f"{operation} is not emulated here.")
        refusal = self._refusal(request)
        if refusal:
            raise CodeDeployError(refusal, f"It is refused: {request}.")
        execution = request["lifecycleEventHookExecutionId"]
        self._reports[request["deploymentId"]][execution] = request["status"]
        return {"lifecycleEventHookExecutionId": execution}

    def _refusal(self, request: Document) -> str | None:
        """Return the code of what is wrong with a report."""
        hooks = self._reports.get(str(request.get("deploymentId")))
        execution = str(request.get("lifecycleEventHookExecutionId"))
        if hooks is None:
            return "DeploymentDoesNotExistException"
        if execution not in hooks:
            return "InvalidLifecycleEventHookExecutionIdException"
        if request.get("status") not in STATUSES:
            return "InvalidLifecycleEventHookExecutionStatusException"
        return "LifecycleEventAlreadyCompletedException" if hooks[execution] else None

    def _run_hook(self, hook: str) -> None:
        deployment, execution = f"d-{uuid.uuid4().hex[:9].upper()}", str(uuid.uuid4())
        self._reports[deployment] = {execution: None}
        event = {"DeploymentId": deployment, "LifecycleEventHookExecutionId": execution}
        log = self._surroundings.invoke(hook, event)
        report = self._reports[deployment][execution]
        if report != "Succeeded":
            told = f"reported {report}" if report else "reported nothing: AWS would wait an hour"
            raise ValueError(f"Deployment {deployment} failed: {hook} {told}. Its log:\n{log}")

    def _check_alarms(self, group: Document) -> None:
        for alarm in group.get("AlarmConfiguration", {}).get("Alarms", []):
            state = self._surroundings.alarm_state(alarm["Name"])
            if state in ("ALARM", None):
                raise ValueError(
                    f"The deployment was stopped and rolled back: alarm {alarm['Name']} is "
                    f"{'in ALARM' if state else 'not there'}."
                )
