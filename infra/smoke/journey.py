"""A journey through the API on a client of its own, which is removed afterwards."""

import base64
import json
import secrets
import time
from collections.abc import Callable

from deployment import Deployment
from report import Failure, Report, Skipped

# SES's mailbox simulator: what becomes of a mail to each address, as the API shows it.
SIMULATOR = {
    "success@simulator.amazonses.com": ("delivered",),
    "bounce@simulator.amazonses.com": ("bounced",),
    "complaint@simulator.amazonses.com": ("delivered",),
    "suppressionlist@simulator.amazonses.com": ("bounced",),
}
REVOKED = "success@simulator.amazonses.com"
_EVENT_SECONDS = 180


class Journey:
    """Provisions a client as the platform and uses it as its owner."""

    def __init__(self, it: Deployment, platform: str, user: str, email_claim: str) -> None:
        self._it, self._platform, self._user = it, platform, user
        self._client = f"smoke-{secrets.token_hex(6)}"
        self._address = _claims(user).get(email_claim)
        if not self._address:
            raise Failure(f"COULISSES_USER_TOKEN has no claim {email_claim}: name the claim with --email-claim")
        # The ids of the people invited, by address.
        self._people: dict[str, str] = {}

    def run(self, report: Report, with_events: bool) -> None:
        """Runs the journey to its end and removes the client, even after a failure."""
        try:
            steps: list[tuple[str, Callable[[], None]]] = [
                ("the platform provisions a client", self._provision),
                ("the owner's first login accepts the invitation", self._log_in),
                ("the owner invites the addresses of SES's simulator", self._invite),
                ("a check allows what is granted, and nothing else", self._check),
                ("delivery, bounce, complaint and suppression are shown", self._await_events),
                ("access is revoked and its seat is free", self._revoke),
            ]
            for name, step in steps:
                before = len(report.failed)
                with report.check(name):
                    if step == self._await_events and not with_events:
                        raise Skipped("the emulator publishes no events of SES")
                    step()
                if len(report.failed) > before:
                    return
        finally:
            with report.check("the client of this run is removed"):
                self._clean_up()

    def _call(self, method: str, path: str, status: int, token: str, body: object = None, if_match: str = "") -> tuple:
        got, headers, read = self._it.request(method, path, token, body, if_match)
        if got != status:
            code = read.get("code", read) if isinstance(read, dict) else read
            raise Failure(f"{method} {path} returned {got} {code}, not {status}")
        return headers, read

    def _at(self, rest: str = "") -> str:
        return f"/v1/scopes/{self._client}{rest}"

    def _provision(self) -> None:
        owner = {"email": self._address}
        body = {"name": "Smoke test", "seatLimit": 5, "granting": "administrators", "owner": owner}
        self._call("PUT", self._at(), 201, self._platform, body)

    def _log_in(self) -> None:
        _, read = self._call("POST", self._at("/logins"), 200, self._user, {})
        if not read.get("scopes"):
            raise Failure(f"the login returned no role: {read}")

    def _invite(self) -> None:
        for email in SIMULATOR:
            body = {"email": email, "role": "reader", "locale": "en"}
            self._people[email] = self._call("POST", self._at("/collaborators"), 201, self._user, body)[1]["id"]
        body = {"email": "one-too-many@simulator.amazonses.com", "role": "reader"}
        _, read = self._call("POST", self._at("/collaborators"), 409, self._user, body)
        if read.get("code") != "seat-limit-reached":
            raise Failure(f"a sixth collaborator was refused with {read.get('code')}, not seat-limit-reached")

    def _check(self) -> None:
        checks = [
            {"scope": self._client, "permission": "access:manage"},
            {"scope": f"{self._client}-other", "permission": "access:manage"},
        ]
        _, read = self._call("POST", "/v1/checks", 200, self._user, {"checks": checks})
        allowed = [each["allowed"] for each in read["results"]]
        if allowed != [True, False]:
            raise Failure(f"the owner's checks returned {allowed}, not [True, False]")

    def _revoke(self) -> None:
        person = self._at(f"/collaborators/{self._people[REVOKED]}")
        before = self._seats()
        headers, _ = self._call("GET", person, 200, self._user)
        self._call("DELETE", person, 200, self._user, if_match=headers["etag"])
        if self._seats() != before - 1:
            raise Failure(f"{before} seats were taken before the revocation, and {self._seats()} after it")

    def _seats(self) -> int:
        return self._call("GET", self._at("/seats"), 200, self._user)[1]["used"]

    def _await_events(self) -> None:
        until = time.monotonic() + _EVENT_SECONDS
        waiting = dict(SIMULATOR)
        shown: dict[str, str] = {}
        while waiting and time.monotonic() < until:
            time.sleep(5)
            for email in list(waiting):
                _, read = self._call("GET", self._at(f"/collaborators/{self._people[email]}"), 200, self._user)
                shown[email] = (read.get("invitation") or {}).get("delivery", "?")
                if shown[email] in waiting[email]:
                    del waiting[email]
        if waiting:
            states = ", ".join(f"{email} is {shown.get(email, '?')}" for email in waiting)
            raise Failure(f"after {_EVENT_SECONDS} s, {states}: are the events of SES received?")

    def _clean_up(self) -> None:
        """Deletes every item of the client: no API deletes a client."""
        dynamodb, table = self._it.client("dynamodb"), self._it.outputs["TableName"]
        partitions = [f"{kind}#{self._client}" for kind in "CHA"]
        partitions += [f"M#{self._client}#{collaborator}" for collaborator in self._ids(dynamodb, table)]
        for partition in partitions:
            pages = dynamodb.get_paginator("query").paginate(
                TableName=table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": partition}},
                ProjectionExpression="pk, sk",
                ConsistentRead=True,
            )
            for item in [item for page in pages for item in page["Items"]]:
                dynamodb.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})

    def _ids(self, dynamodb, table: str) -> set[str]:
        """The people of the client, the owner included."""
        found = dynamodb.query(
            TableName=table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": {"S": f"C#{self._client}"}, ":sk": {"S": "P#"}},
            ConsistentRead=True,
        )["Items"]
        return {item["sk"]["S"][2:] for item in found} | set(self._people.values())


def _claims(token: str) -> dict:
    """The claims of a token, not verified: the API verifies it."""
    try:
        payload = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError) as error:
        raise Failure("COULISSES_USER_TOKEN is not a JWT") from error
