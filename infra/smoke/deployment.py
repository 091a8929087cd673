"""The deployed stack: its resources, its API, and the checks that read but change nothing."""

import json
from urllib.parse import urlsplit

import boto3
import urllib3
from botocore.config import Config

from report import Failure, Skipped
from template import Template, permissions


class Deployment:
    """A stack in an account, or in an emulator at `endpoint`."""

    def __init__(self, stack: str, region: str | None, endpoint: str | None) -> None:
        self.stack, self.endpoint = stack, endpoint
        self._session = boto3.session.Session(region_name=region)
        self._http = urllib3.PoolManager(retries=False, timeout=35)
        formation = self.client("cloudformation")
        found = formation.describe_stacks(StackName=stack)["Stacks"][0]
        self.status = found["StackStatus"]
        self.outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
        self.parameters = {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", [])}
        pages = formation.get_paginator("list_stack_resources").paginate(StackName=stack)
        self.resources = {
            each["LogicalResourceId"]: each for page in pages for each in page["StackResourceSummaries"]
        }

    def client(self, service: str):
        """A client of an AWS service."""
        return self._session.client(service, endpoint_url=self.endpoint, config=Config(read_timeout=90))

    def name(self, logical: str) -> str:
        """The physical name of a resource."""
        if logical not in self.resources:
            raise Failure(f"the stack has no {logical}: deploy the template of this release")
        return self.resources[logical]["PhysicalResourceId"]

    def of_type(self, kind: str) -> list[str]:
        """The logical names of the resources of a type."""
        return [name for name, each in self.resources.items() if each["ResourceType"] == kind]

    def request(
        self, method: str, path: str, token: str = "", body: object = None, if_match: str = ""
    ) -> tuple[int, dict, object]:
        """Calls the API and returns the status, the headers and the body."""
        url = self.outputs["ApiUrl"]
        headers = {"Accept-Language": "en"}
        if self.endpoint:
            # The emulator finds the API by its host name.
            url, headers["Host"] = self.endpoint, urlsplit(url).netloc
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if if_match:
            headers["If-Match"] = if_match
        content = None
        if body is not None:
            content, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        answer = self._http.request(method, url + path, body=content, headers=headers)
        try:
            read = json.loads(answer.data) if answer.data else None
        except ValueError:
            read = answer.data.decode(errors="replace")
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, read


def stack_is_complete(it: Deployment) -> None:
    """The last deployment succeeded."""
    if not it.status.endswith("_COMPLETE") or "ROLLBACK" in it.status:
        raise Failure(f"the stack is {it.status}: see its events in CloudFormation")


def routes_and_authorizer(it: Deployment, template: Template) -> None:
    """Each route of the template exists and has the one authorizer."""
    api, gateway = it.name("HttpApi"), it.client("apigatewayv2")
    authorizers = gateway.get_authorizers(ApiId=api)["Items"]
    if len(authorizers) != 1:
        raise Failure(f"the API has {len(authorizers)} authorizers instead of 1: was the issuer reachable?")
    pages = gateway.get_paginator("get_routes").paginate(ApiId=api)
    found = {route["RouteKey"]: route for page in pages for route in page["Items"]}
    missing = sorted(set(template.routes()) - set(found))
    if missing:
        raise Failure(f"routes are missing: {', '.join(missing)}")
    for key, needs_token in template.routes().items():
        kind = found[key].get("AuthorizationType", "NONE")
        if (kind == "JWT") != needs_token:
            raise Failure(f"{key} has the authorization {kind}")


def anonymous_request_is_refused(it: Deployment) -> None:
    """API Gateway itself refuses a request without a token."""
    status, _, body = it.request("GET", "/v1/me/access")
    if status != 401 or (isinstance(body, dict) and "code" in body):
        raise Failure(f"GET /v1/me/access without a token returned {status} {body}, not API Gateway's own 401")


def id_token_is_refused(it: Deployment, id_token: str | None) -> None:
    """An ID token is for the OAuth client alone."""
    if not id_token:
        raise Skipped("set COULISSES_ID_TOKEN to an ID token of the issuer")
    status, _, body = it.request("GET", "/v1/me/access", id_token)
    if status != 401:
        raise Failure(f"an ID token is accepted ({status} {body}): set required_scope in the parameter Claims")


def table_is_safe(it: Deployment) -> None:
    """The table is protected and can be restored, and has the index, the stream and the expiry that the code uses."""
    name, dynamodb = it.outputs["TableName"], it.client("dynamodb")
    table = dynamodb.describe_table(TableName=name)["Table"]
    recovery = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    stream = table.get("StreamSpecification", {})
    wrong = [
        text
        for text, ok in (
            ("it is not protected against deletion: deploy with TableProtection=true", table.get("DeletionProtectionEnabled")),
            # The emulator stores neither of these two settings.
            ("it has no point-in-time recovery", it.endpoint or recovery == "ENABLED"),
            ("it has no stream of keys", stream.get("StreamViewType") == "KEYS_ONLY"),
            ("it has no index gsi1", any(each["IndexName"] == "gsi1" for each in table.get("GlobalSecondaryIndexes", []))),
            ("it does not expire items by ttl", it.endpoint or expiry.get("AttributeName") == "ttl"),
        )
        if not ok
    ]
    if wrong:
        raise Failure(f"{name}: {'; '.join(wrong)}")


def key_is_kept(it: Deployment) -> None:
    """The key that ids derive from exists and is not scheduled for deletion."""
    secret = it.client("secretsmanager").describe_secret(SecretId=it.outputs["IdKey"])
    if secret.get("DeletedDate"):
        raise Failure("it is scheduled for deletion: aws secretsmanager restore-secret, or no one will be found again")


def functions_are_ready(it: Deployment, template: Template) -> None:
    """Each function is active, its environment is encrypted with the stack's key, and its sources are enabled."""
    functions = it.client("lambda")
    for name in template.functions():
        config = functions.get_function_configuration(FunctionName=it.name(name), Qualifier="live")
        if config.get("State", "Active") != "Active":
            raise Failure(f"{name} is {config['State']}: {config.get('StateReason', 'no reason given')}")
        # The emulator does not encrypt the environment.
        if not it.endpoint and not config.get("KMSKeyArn"):
            raise Failure(f"the environment of {name} is not encrypted with a key of the stack")
    for name in it.of_type("AWS::Lambda::EventSourceMapping"):
        state = functions.get_event_source_mapping(UUID=it.name(name))["State"]
        if state not in ("Enabled", "Enabling", "Creating"):
            raise Failure(f"the event source {name} is {state}")
    events = it.client("events")
    for name in it.of_type("AWS::Events::Rule"):
        rule = it.name(name).rpartition("|")[2]
        if events.describe_rule(Name=rule)["State"] != "ENABLED":
            raise Failure(f"the rule {name} is disabled")
        if not events.list_targets_by_rule(Rule=rule)["Targets"]:
            raise Failure(f"the rule {name} invokes nothing")


def policies_are_effective(it: Deployment, template: Template) -> None:
    """Each function's role has exactly the permissions of the template, and IAM refuses what it must not do."""
    functions, iam = it.client("lambda"), it.client("iam")
    table = it.client("dynamodb").describe_table(TableName=it.outputs["TableName"])["Table"]["TableArn"]
    for name, wanted in template.permissions().items():
        arn = functions.get_function_configuration(FunctionName=it.name(name))["Role"]
        role = arn.rpartition("/")[2]
        found = set()
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            document = json.loads(document) if isinstance(document, str) else document
            for statement in document["Statement"]:
                found |= permissions(statement)
        # SAM adds this one for the queues of failed events.
        found.discard(("sqs:SendMessage", False, ""))
        if found != wanted:
            more, less = sorted(found - wanted), sorted(wanted - found)
            raise Failure(f"the role of {name} has too much ({more}) or too little ({less})")
        forbidden = [("dynamodb:Scan", table), ("dynamodb:DeleteTable", table), ("secretsmanager:GetSecretValue", "*")]
        if name != "DeliverFunction":
            forbidden.append(("ses:SendEmail", "*"))
        # `publish` itself puts events on the bus of the stack only.
        forbidden.append(("events:PutEvents", "*"))
        for action, resource in forbidden:
            answer = iam.simulate_principal_policy(
                PolicySourceArn=arn, ActionNames=[action], ResourceArns=[resource]
            )
            if answer["EvaluationResults"][0]["EvalDecision"] == "allowed":
                raise Failure(f"{name} may {action}")


def alarms_are_armed(it: Deployment) -> None:
    """Each alarm notifies the topic, and someone has subscribed to the topic."""
    names = {it.name(name): name for name in it.of_type("AWS::CloudWatch::Alarm")}
    topic = it.outputs["AlarmsTopic"]
    pages = it.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNames=list(names))
    found = {alarm["AlarmName"]: alarm for page in pages for alarm in page["MetricAlarms"]}
    for physical, logical in names.items():
        alarm = found.get(physical)
        if alarm is None:
            raise Failure(f"{logical} does not exist")
        if not alarm.get("ActionsEnabled", True) or topic not in alarm.get("AlarmActions", []):
            raise Failure(f"{logical} notifies no one")
    pages = it.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    subscribed = [each["SubscriptionArn"] for page in pages for each in page["Subscriptions"]]
    if not any(arn.startswith("arn:") for arn in subscribed):
        raise Failure("no one receives the alarms: confirm the subscription mail, or subscribe to AlarmsTopic")


def mail_can_be_sent(it: Deployment) -> None:
    """The account and the sender may send to anyone."""
    ses = it.client("sesv2")
    account = ses.get_account()
    if not account.get("ProductionAccessEnabled"):
        raise Failure("the account is in the SES sandbox: request production access")
    if not account.get("SendingEnabled"):
        raise Failure("SES has paused sending for this account")
    rate = account.get("SendQuota", {}).get("MaxSendRate")
    if rate and float(it.parameters.get("MaxSendRate", 0)) > rate:
        raise Failure(f"MaxSendRate is {it.parameters['MaxSendRate']}, but SES allows {rate:g} a second")
