"""Coulisses: the whole stack of `cargo local`, called over HTTP."""

import os
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlsplit

from processes import Server
from sending import Client, Request, Work, side_by_side, with_body
from side import BATCH, MEMBERS, PENDING, Raced, Side, houses

# The maximum number of invitations in a request.
_BULK = 50

# The local inbox keeps a thousand mails.
_MAILS = 500

_PERMISSIONS = ["contacts:view", "dashboard:view"]


class Coulisses(Side):
    """The local stack: gateway, functions, table, stream and mail."""

    name = "Coulisses"

    def __init__(self, root: Path, programs: Path, folder: Path, *, debug: bool) -> None:
        """Builds the functions and starts everything."""
        # Ignore the AWS settings of the person who runs this.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        program = str(programs / "coulisses-local")
        command = [program, "--port", "0", "--empty", "--no-console", *([] if debug else ["--release"])]
        self.server = Server(command, root, folder / "coulisses.log", environment)

        self.server.base = self.server.until_ready()
        self._client = Client(self.server.base)
        self._links: dict[str, str] = {}
        self._platform = self._bearer({"scope": "coulisses/platform"})

    def server_for(self, kind: str) -> Server:
        del kind
        return self.server

    def prepare(self) -> None:
        owner = self._make("house", None)
        members = [f"member-{number}@house.example" for number in range(MEMBERS - 1)]
        self._invite("house", owner, members)
        tokens = side_by_side(self._person, members)
        self._client.all([with_body("POST", "/v1/scopes/house/logins", token, {}) for token in tokens])
        self._invite("house", owner, [f"invited-{number}@house.example" for number in range(PENDING)])
        self._owner, self._tokens, self._members = owner, tokens, members

    def invitations(self, count: int, label: str) -> Work:
        requests = []
        for number, people in enumerate(houses(count)):
            client = f"{label}-{number}"
            owner = self._make(client, None)
            for person in range(people):
                body = {"email": f"new-{person}@{client}.example", "role": "observer"}
                requests.append(with_body("POST", f"/v1/scopes/{client}/collaborators", owner, body))
        return Work(requests, 201, '"pending"')

    def acceptances(self, count: int, label: str) -> Work:
        people = []
        for number, size in enumerate(houses(count)):
            client = f"{label}-{number}"
            owner = self._make(client, None)
            emails = [f"invited-{person}@{client}.example" for person in range(size)]
            self._invite(client, owner, emails)
            people += emails
            if len(people) % _MAILS == 0:
                side_by_side(self._link, people[-_MAILS:])
        return Work(side_by_side(self._acceptance, people), 200, '"scopes"')

    def lists(self, count: int) -> Work:
        path = "/v1/scopes/house/collaborators?limit=1000"
        return Work([Request("GET", path, self._owner)] * count, 200, '"nextCursor":null')

    def checks(self, count: int) -> Work:
        body = {"checks": [{"scope": "house", "permission": "contacts:view"}]}
        requests = [with_body("POST", "/v1/checks", token, body) for token in self._tokens]
        return Work(list(islice(cycle(requests), count)), 200, '{"allowed":true')

    def batches(self, count: int) -> Work:
        checks = [
            {"scope": f"house:audience:event-{number // 2}", "permission": _PERMISSIONS[number % 2]}
            for number in range(BATCH)
        ]
        requests = [with_body("POST", "/v1/checks", token, {"checks": checks}) for token in self._tokens]
        return Work(list(islice(cycle(requests), count)), 200, '{"allowed":true', BATCH)

    def batches_about_others(self, count: int) -> Work:
        requests = []
        for start in range(len(self._members)):
            about = list(islice(cycle(self._members), start, start + BATCH))
            checks = [{"email": email, "scope": "house", "permission": "contacts:view"} for email in about]
            requests.append(with_body("POST", "/v1/checks", self._owner, {"checks": checks}))
        return Work(list(islice(cycle(requests), count)), 200, '{"allowed":true', BATCH)

    def race(self, limit: int, callers: int, label: str) -> Raced:
        owner = self._make(label, limit)
        emails = [f"racer-{number}@{label}.example" for number in range(callers)]
        path = f"/v1/scopes/{label}/collaborators"
        invited = self._client.at_once(
            [with_body("POST", path, owner, {"email": email, "role": "observer"}) for email in emails]
        )
        seated = [email for email, status in zip(emails, invited, strict=True) if status == 201]
        accepted = self._client.at_once(side_by_side(self._acceptance, seated))
        _, listed = self._client.send(Request("GET", f"{path}?limit=1000", owner))
        return Raced(len(seated), accepted.count(200), len(listed["collaborators"]))

    def _make(self, client: str, seats: int | None) -> dict[str, str]:
        """Creates a client with an active owner and returns the owner's headers."""
        email = f"owner@{client}.example"
        body = {"name": client, "seatLimit": seats, "granting": "administrators", "owner": {"email": email}}
        self._client.send(with_body("PUT", f"/v1/scopes/{client}", self._platform, body))
        owner = self._person(email)
        self._client.send(with_body("POST", f"/v1/scopes/{client}/logins", owner, {}))
        return owner

    def _invite(self, client: str, owner: dict[str, str], emails: list[str]) -> None:
        for start in range(0, len(emails), _BULK):
            invitations = [{"email": email, "role": "observer"} for email in emails[start : start + _BULK]]
            path = f"/v1/scopes/{client}/collaborators"
            self._client.send(with_body("POST", path, owner, {"invitations": invitations}))

    def _acceptance(self, email: str) -> Request:
        token = urlsplit(self._link(email)).fragment
        return with_body("POST", "/v1/invitations/accept", self._person(email), {"token": token})

    def _link(self, email: str) -> str:
        """Waits for a person's mail and returns its link."""
        while email not in self._links:
            _, inbox = self._client.send(Request("GET", f"/_local/mails?to={email}"))
            if inbox["mails"]:
                self._links[email] = inbox["mails"][-1]["link"]
        return self._links[email]

    def _person(self, email: str) -> dict[str, str]:
        return self._bearer({"email": email})

    def _bearer(self, claims: dict[str, str]) -> dict[str, str]:
        _, answer = self._client.send(with_body("POST", "/_local/tokens", {}, claims))
        return {"authorization": f"Bearer {answer['accessToken']}"}
