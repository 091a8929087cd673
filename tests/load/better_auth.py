"""better-auth's organization plugin on Node and SQLite, called as its own client calls it."""

import os
import shutil
import socket
import subprocess
from itertools import cycle, islice
from pathlib import Path

from processes import Server
from say import Failure, say
from sending import Client, Request, Work, side_by_side, with_body
from side import MEMBERS, PENDING, Raced, Side, houses

_HERE = Path(__file__).with_name("node")

_PATH = "/api/auth"

_NO_LIMIT = 1000

_ORIGIN = "http://better-auth.example"

Headers = dict[str, str]


def install(folder: Path) -> Path:
    """Installs the packages of `package-lock.json` below `folder`, unless they are there, and returns their folder."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Failure("node and npm are missing; install Node 20 or newer")
    place = folder / "node"
    place.mkdir(parents=True, exist_ok=True)
    lock = _HERE / "package-lock.json"
    installed = place / "installed.json"
    if not installed.exists() or installed.read_text() != lock.read_text():
        say("installing the packages of tests/load/node/package-lock.json (minutes, if SQLite must be compiled)")
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_HERE / name, place / name)
        if subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=place, check=False).returncode:
            raise Failure("npm could not install tests/load/node/package-lock.json: see its output above")
        installed.write_text(lock.read_text())
    for script in _HERE.glob("*.mjs"):
        shutil.copy(script, place / script.name)
    return place


class BetterAuth(Side):
    """Three servers on one database.

    Only one process writes, because several would find the database locked. Reads use one process per core.
    """

    name = "better-auth"

    def __init__(self, node: Path, data: Path, logs: Path, *, readers: int, racers: int, seats: int) -> None:
        """Starts the servers on a new database."""
        environment = {**os.environ, "NODE_ENV": "production"}

        def server(name: str, processes: int, limit: int) -> Server:
            port = str(_free_port())
            command = ["node", "server.mjs", port, str(data / "better-auth.db"), str(processes), str(limit)]
            started = Server(command, node, logs / f"better-auth-{name}.log", environment)
            started.base = started.until_ready()
            return started

        self.server = server("writing", 1, _NO_LIMIT)
        self.reading = server("reading", readers, _NO_LIMIT)
        self.racing = server("racing", racers, seats)
        self._client = Client(self.server.base)

    def server_for(self, kind: str) -> Server:
        return self.reading if kind in ("list", "check") else self.server

    def prepare(self) -> None:
        owner, organization = self._make("house")
        emails = [f"member-{number}@house.example" for number in range(MEMBERS - 1)]
        members = side_by_side(self._person, emails)
        acceptances = self._acceptances(organization, owner, emails, members)
        self._client.all(acceptances)
        self._invite(organization, owner, [f"invited-{number}@house.example" for number in range(PENDING)])
        self._owner, self._members, self._organization = owner, members, organization

    def invitations(self, count: int, label: str) -> Work:
        requests = []
        for number, people in enumerate(houses(count)):
            house = f"{label}-{number}"
            owner, organization = self._make(house)
            emails = [f"new-{person}@{house}.example" for person in range(people)]
            requests += [self._invitation(organization, owner, email) for email in emails]
        return Work(requests, 200, '"pending"')

    def acceptances(self, count: int, label: str) -> Work:
        requests = []
        for number, people in enumerate(houses(count)):
            house = f"{label}-{number}"
            owner, organization = self._make(house)
            emails = [f"invited-{person}@{house}.example" for person in range(people)]
            members = side_by_side(self._person, emails)
            requests += self._acceptances(organization, owner, emails, members)
        return Work(requests, 200, '"accepted"')

    def lists(self, count: int) -> Work:
        path = f"{_PATH}/organization/get-full-organization?organizationId={self._organization}&membersLimit=1000"
        return Work([Request("GET", path, self._owner)] * count, 200, '"invitations":[{')

    def checks(self, count: int) -> Work:
        body = {"organizationId": self._organization, "permissions": {"ac": ["read"]}}
        path = f"{_PATH}/organization/has-permission"
        requests = [with_body("POST", path, member, body) for member in self._members]
        return Work(list(islice(cycle(requests), count)), 200, '"success":true')

    def race(self, limit: int, callers: int, label: str) -> Raced:
        del limit  # The racing server was started with it.
        owner, organization = self._make(label)
        emails = [f"racer-{number}@{label}.example" for number in range(callers)]
        people = dict(zip(emails, side_by_side(self._person, emails), strict=True))
        racing = Client(self.racing.base)
        racing.at_once([self._invitation(organization, owner, email) for email in emails])
        full = self._full(organization, owner)
        acceptances = [
            self._accept(invitation["id"], people[invitation["email"]]) for invitation in full["invitations"]
        ]
        accepted = racing.at_once(acceptances)
        members = self._full(organization, owner)["members"]
        return Raced(len(acceptances), accepted.count(200), len(members))

    def _full(self, organization: str, owner: Headers) -> dict:
        path = f"{_PATH}/organization/get-full-organization?organizationId={organization}&membersLimit=1000"
        return self._client.send(Request("GET", path, owner))[1]

    def _make(self, name: str) -> tuple[Headers, str]:
        """Creates an organization and returns its owner's headers and its id."""
        owner = self._person(f"owner@{name}.example")
        body = {"name": name, "slug": name}
        _, made = self._client.send(with_body("POST", f"{_PATH}/organization/create", owner, body))
        return owner, made["id"]

    def _invitation(self, organization: str, owner: Headers, email: str) -> Request:
        body = {"organizationId": organization, "email": email, "role": "member"}
        return with_body("POST", f"{_PATH}/organization/invite-member", owner, body)

    def _invite(self, organization: str, owner: Headers, emails: list[str]) -> list[str]:
        answers = self._client.all([self._invitation(organization, owner, email) for email in emails])
        return [invitation["id"] for _, invitation in answers]

    def _accept(self, invitation: str, person: Headers) -> Request:
        return with_body("POST", f"{_PATH}/organization/accept-invitation", person, {"invitationId": invitation})

    def _acceptances(self, organization: str, owner: Headers, emails: list[str], people: list[Headers]) -> list[Request]:
        invitations = self._invite(organization, owner, emails)
        return [self._accept(invitation, person) for invitation, person in zip(invitations, people, strict=True)]

    def _person(self, email: str) -> Headers:
        """Signs a person up and returns their headers."""
        body = {"name": email, "email": email, "password": "password"}
        origin = {"origin": _ORIGIN}
        answer, _ = self._client.send(with_body("POST", f"{_PATH}/sign-up/email", origin, body))
        cookies = [cookie.split(";")[0] for cookie in answer.headers.get_all("set-cookie", [])]
        return {**origin, "cookie": "; ".join(cookies)}


def _free_port() -> int:
    """A port that is not in use."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
