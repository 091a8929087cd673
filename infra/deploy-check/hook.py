"""Checks the hook that CodeDeploy invokes before traffic shifts: the emulator has no CodeDeploy, so it runs here."""

import os
import time
from types import SimpleNamespace
from unittest import mock

import boto3

from say import Failure
from stack import NAME, Stack

_NAME = f"CodeDeployHook_{NAME}"
_EVENT = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "execution"}


def check(stack: Stack) -> None:
    """The hook accepts the deployed versions, refuses one that does not work, and never refuses a roll-back."""
    code = stack.source("ReleaseHook")
    functions = stack.cloud.client("lambda")
    variables = functions.get_function_configuration(FunctionName=_NAME)["Environment"]["Variables"]
    tested = {arn.rpartition(":")[0].rpartition(":")[2] for arn in variables.values() if ":function:" in arn}
    untested = [name for name, physical in stack.functions().items() if physical not in tested]
    if untested:
        raise Failure(f"the hook of releases does not invoke {', '.join(untested)}")
    _expect(code, stack, variables, "CloudFormation", set())
    # The emulator invokes the newest code for a version that does not exist, so the function does not exist.
    missing = {**variables, "CHECK": variables["CHECK"].replace(":function:", ":function:no-")}
    _expect(code, stack, missing, "CloudFormation", {"CHECK"})
    # A version that answers, but not as expected.
    other = {**variables, "ACCEPT": variables["CHECK"]}
    _expect(code, stack, other, "CloudFormation", {"ACCEPT"})
    _expect(code, stack, missing, "CloudFormationRollback", set())
    _expect(code, stack, missing, None, {"hook"})
    unset = {name: value for name, value in variables.items() if name != "CHECK"}
    _expect(code, stack, unset, "CloudFormation", {"hook"})


def _expect(code: str, stack: Stack, variables: dict, creator: str | None, found_in: set[str]) -> None:
    """Runs the hook's code with these variables, and expects problems in these functions.

    `creator` is that of the deployment; None if the deployment cannot be read.
    """
    reported = []
    codedeploy = SimpleNamespace(
        get_deployment=lambda **_: {"deploymentInfo": {"creator": creator}} if creator else {},
        put_lifecycle_event_hook_execution_status=lambda **put: reported.append(put),
    )
    environment = {**variables, **stack.cloud.credentials(), "AWS_ENDPOINT_URL": stack.cloud.endpoint}
    with mock.patch.dict(os.environ, environment):
        create = boto3.client

        def client(service: str, **options: object) -> object:
            return codedeploy if service == "codedeploy" else create(service, **options)

        with mock.patch("boto3.client", client), mock.patch("builtins.print"):
            module: dict = {}
            exec(compile(code, "ReleaseHook", "exec"), module)  # noqa: S102 (the template's own code)
            module["time"] = SimpleNamespace(time=time.time, sleep=lambda _: None)
            context = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000)
            found = module["handler"](_EVENT, context)
    status = "Failed" if found_in else "Succeeded"
    expected = {"deploymentId": "d-1", "lifecycleEventHookExecutionId": "execution", "status": status}
    if set(found) != found_in or reported != [expected]:
        raise Failure(f"the hook of releases found {found} and reported {reported}, not {status}")

