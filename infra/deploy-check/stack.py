"""The deployed template: its API, table, functions and event rules."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError

import rewrite
from build import ROOT
from cloud import REGION, Cloud
from issuer import PLATFORM_SCOPE
from say import Failure

NAME = "deploy-check"
SENDER = "coulisses@acme.test"
ORIGIN = "https://back-office.acme.test"
LINK = f"{ORIGIN}/invitation"
CONSOLE = "console"
INVITATIONS_A_DAY = 8
ANNOUNCEMENTS_A_DAY = 1
_BUCKET = "deploy-check"
_DEPLOY_SECONDS = 120


def parameters(template: dict, issuer: str, audience: str, platform: str, architecture: str) -> dict[str, str]:
    """Values for the template's parameters; the others keep their defaults."""
    values = {
        "Issuer": issuer,
        "JwtAudience": audience,
        "PlatformClientIds": platform,
        "Lists": "by-grant",
        "LinkUrl": LINK,
        "MailFrom": SENDER,
        "Architecture": architecture,
        "InvitationsADay": str(INVITATIONS_A_DAY),
        "AnnouncementsADay": str(ANNOUNCEMENTS_A_DAY),
        "CorsOrigins": ORIGIN,
        "ConsoleClientId": CONSOLE,
        "Claims": f"platform_scope={PLATFORM_SCOPE}",
    }
    return {name: value for name, value in values.items() if name in template["Parameters"]}


class Stack:
    """A deployed template."""

    def __init__(self, cloud: Cloud, template: dict, values: dict[str, str], release: Path) -> None:
        self.cloud = cloud
        self._template = template
        self._names: dict[str, str] = {}
        try:
            self._upload(template, release)
            # An account needs a verified sender first.
            cloud.client("sesv2").create_email_identity(EmailIdentity=SENDER)
            self.outputs = self._deploy(rewrite.deployable(rewrite.packaged(template, _BUCKET), values), values)
        except (BotoCoreError, ClientError) as error:
            raise Failure(f"AWS refuses the template: {error}") from error
        self.host = urlsplit(self.outputs["ApiUrl"]).netloc
        self.table = self.outputs["TableName"]

    def _upload(self, template: dict, release: Path) -> None:
        store = self.cloud.client("s3")
        store.create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        for name, function in rewrite.functions(template).items():
            path = rewrite.code(name, function)
            store.put_object(Bucket=_BUCKET, Key=path, Body=(release / path).read_bytes())

    def _deploy(self, template: dict, values: dict[str, str]) -> dict[str, str]:
        # Too large to send in the request itself.
        self.cloud.client("s3").put_object(Bucket=_BUCKET, Key="template.json", Body=json.dumps(template).encode())
        formation = self.cloud.client("cloudformation")
        formation.create_stack(
            StackName=NAME,
            TemplateURL=f"{self.cloud.endpoint}/{_BUCKET}/template.json",
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        until = time.monotonic() + _DEPLOY_SECONDS
        while time.monotonic() < until:
            stack = formation.describe_stacks(StackName=NAME)["Stacks"][0]
            if stack["StackStatus"] == "CREATE_COMPLETE":
                pages = formation.get_paginator("list_stack_resources").paginate(StackName=NAME)
                for resource in (each for page in pages for each in page["StackResourceSummaries"]):
                    self._names[resource["LogicalResourceId"]] = resource["PhysicalResourceId"]
                return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
            if stack["StackStatus"] != "CREATE_IN_PROGRESS":
                raise Failure(self._cause(formation))
            time.sleep(0.2)
        raise Failure(f"the deployment took longer than {_DEPLOY_SECONDS} s")

    @staticmethod
    def _cause(formation: BaseClient, name: str = NAME) -> str:
        events = formation.describe_stack_events(StackName=name)["StackEvents"]
        failed = [event for event in events if event["ResourceStatus"] == "CREATE_FAILED"]
        causes = [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '?')}" for event in failed]
        return "; ".join(causes) or "no resource gives a reason"

    def listen(self) -> str:
        """Deploys docs/examples/events.yaml on the bus of the stack, and returns the address of its queue."""
        name, formation = f"{NAME}-events", self.cloud.client("cloudformation")
        formation.create_stack(
            StackName=name,
            TemplateBody=(ROOT / "docs" / "examples" / "events.yaml").read_text(),
            Parameters=[{"ParameterKey": "EventBus", "ParameterValue": self.outputs["EventBus"]}],
            Capabilities=["CAPABILITY_IAM"],
        )
        stack = formation.describe_stacks(StackName=name)["Stacks"][0]
        until = time.monotonic() + _DEPLOY_SECONDS
        while stack["StackStatus"] == "CREATE_IN_PROGRESS" and time.monotonic() < until:
            time.sleep(0.2)
            stack = formation.describe_stacks(StackName=name)["Stacks"][0]
        if stack["StackStatus"] != "CREATE_COMPLETE":
            raise Failure(f"docs/examples/events.yaml: {self._cause(formation, name)}")
        return next(output["OutputValue"] for output in stack["Outputs"] if output["OutputKey"] == "Queue")

    def messages(self, queue: str) -> list[dict]:
        """Takes some messages out of a queue; waits up to a second for the first."""
        sqs = self.cloud.client("sqs")
        taken = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        for message in taken:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in taken]

    def run_schedules(self) -> list[object]:
        """Invokes the function of each scheduled rule once, with the input of its target or the usual event; returns the results."""
        usual = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
        results = []
        for rule, target in self._rules():
            if "ScheduleExpression" in rule:
                event = json.loads(target["Input"]) if "Input" in target else self._event({**usual, "resources": [rule["Name"]]})
                results.append(self.invoke(target["Arn"], event))
        return results

    def publish(self, event: dict) -> int:
        """Invokes the functions whose rules match an event, and returns their number.

        Only AWS services can put their events on a bus, so each rule is tested instead.
        """
        events, event = self.cloud.client("events"), self._event(event)
        count = 0
        for rule, target in self._rules():
            pattern = rule.get("EventPattern")
            if pattern and events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"]:
                self.invoke(target["Arn"], event)
                count += 1
        return count

    def _rules(self) -> list[tuple[dict, dict]]:
        events = self.cloud.client("events")
        found = []
        for rule in events.list_rules()["Rules"]:
            targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            found += [(rule, target) for target in targets]
        return found

    @staticmethod
    def _event(event: dict) -> dict:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        usual = {"version": "0", "id": str(uuid.uuid4()), "account": "000000000000", "time": now, "region": REGION}
        return {**usual, "resources": [], **event}

    def invoke(self, function: str, event: dict) -> object:
        """Invokes a function and returns its result."""
        answer = self.cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
        read = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            raise Failure(f"{function.rpartition(':function:')[2]} failed: {json.dumps(read)}")
        return read

    def item(self, pk: str, sk: str) -> dict:
        """An item of the table, in DynamoDB's JSON."""
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        return self.cloud.client("dynamodb").get_item(TableName=self.table, Key=key, ConsistentRead=True)["Item"]

    @contextmanager
    def without_item(self, pk: str, sk: str) -> Iterator[None]:
        """Removes an item of the table for a while."""
        dynamodb, item = self.cloud.client("dynamodb"), self.item(pk, sk)
        dynamodb.delete_item(TableName=self.table, Key={"pk": {"S": pk}, "sk": {"S": sk}})
        yield
        dynamodb.put_item(TableName=self.table, Item=item)

    def forget_last_mail(self, client: str, collaborator: str) -> None:
        """Gives the invitation of a pending collaborator a mail id of 1970."""
        self.cloud.client("dynamodb").update_item(
            TableName=self.table,
            Key={"pk": {"S": f"C#{client}"}, "sk": {"S": f"P#{collaborator}"}},
            UpdateExpression="SET invitation.sending = :old",
            ExpressionAttributeValues={":old": {"S": "0" * 26}},
        )

    def end_unsent(self, client: str, collaborator: str) -> None:
        """Ends the access of a pending collaborator before their invitation was sent."""
        self.cloud.client("dynamodb").update_item(
            TableName=self.table,
            Key={"pk": {"S": f"C#{client}"}, "sk": {"S": f"P#{collaborator}"}},
            UpdateExpression="SET grants.#scope.expiresAt = :past REMOVE invitation.sentAt",
            ExpressionAttributeNames={"#scope": client},
            ExpressionAttributeValues={":past": {"N": "1"}},
        )

    def configuration_set(self) -> str:
        """The template's SES configuration set."""
        every = self._template["Resources"].items()
        return next(self._names[name] for name, value in every if value["Type"] == "AWS::SES::ConfigurationSet")

    def source(self, function: str) -> str:
        """The inline code of a function."""
        return self._template["Resources"][function]["Properties"]["Code"]["ZipFile"]

    def functions(self) -> dict[str, str]:
        """The deployed names of the functions, by their names in the template."""
        return {name: self._names[name] for name in rewrite.functions(self._template)}

    def without_events(self) -> dict[str, str]:
        """The functions without an event, with their deployed names, by their names in the template."""
        every = rewrite.functions(self._template).items()
        return {name: self._names[name] for name, function in every if not function["Properties"].get("Events")}

    def has_console(self) -> bool:
        """Whether the template has a console."""
        return "ConsoleClientId" in self._template["Parameters"]

    def has_cors(self) -> bool:
        """Whether the template has CORS settings."""
        return "CorsOrigins" in self._template["Parameters"]
