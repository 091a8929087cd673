"""Two versions on one table, as during a release: this one and an earlier commit. Then the earlier one alone, as after a
rollback, and this one again."""

import argparse
import subprocess
import tempfile
from pathlib import Path

from stack import ROOT, Stack, expect

OWNER, LEA, MAX, ZOE, KIM, UMA = (f"{who}@acme.example" for who in ("olga", "lea", "max", "zoe", "kim", "uma"))
EVENT = "acme:tech:summit"
DESK = {
    "name": {"fr": "Accueil", "en": "Front desk"},
    "permissions": ["checkin:scan"],
    "levels": ["audience", "event"],
}


def provision(stack: Stack) -> None:
    """A client with an event and two people."""
    event = {"name": "Summit", "kind": "event"}
    stack.provision("acme", OWNER, {"acme:tech": {"name": "Tech"}, EVENT: event})
    stack.invite(OWNER, EVENT, LEA, "observer")
    stack.call(LEA, "POST", "/v1/scopes/acme/logins", {})


def may(stack: Stack, email: str, permission: str) -> object:
    """Whether a person may do something at the event."""
    question = {"checks": [{"scope": EVENT, "permission": permission}]}
    return stack.call(email, "POST", "/v1/checks", question)["results"][0]["allowed"]


def roles(stack: Stack) -> dict[str, str]:
    """The roles of the team by address."""
    rows = stack.call(OWNER, "GET", f"/v1/scopes/{EVENT}/collaborators?below=true").get("collaborators", [])
    return {row["email"]: row["role"] for row in rows if row["role"]}


def assign(stack: Stack, email: str, role: str) -> object:
    """The code of the problem, or the new role."""
    rows = stack.call(OWNER, "GET", f"/v1/scopes/{EVENT}/collaborators")["collaborators"]
    row = next(row for row in rows if row["email"] == email)
    path = f"/v1/scopes/{EVENT}/collaborators/{row['id']}/role"
    answer = stack.call(OWNER, "PUT", path, {"role": role}, if_match=f'"{row["version"]}"')
    return answer.get("code", answer.get("role"))


def side_by_side(new: Stack, old: Stack) -> None:
    """What the two versions answer about each other's records."""
    provision(old)
    expect("what the old version wrote, the new one reads", roles(new), {LEA: "observer"})
    made = new.call(OWNER, "PUT", "/v1/scopes/acme/roles/front-desk", DESK, if_none_match="*")
    expect("the new version defines a role", made.get("key"), "front-desk")
    expect("and gives it", new.invite(OWNER, EVENT, MAX, "front-desk"), "pending")
    new.call(MAX, "POST", "/v1/scopes/acme/logins", {})
    expect("it gives its permissions", may(new, MAX, "checkin:scan"), True)
    expect("the old version gives nothing for it", may(old, MAX, "checkin:scan"), False)
    expect("and shows it as unknown", roles(old), {LEA: "observer", MAX: "unknown"})
    expect("the history stays readable", "entries" in old.call(OWNER, "GET", "/v1/scopes/acme/history"), True)
    expect("the old version changes others", assign(old, LEA, "reader"), "reader")
    expect("the new version sees that", roles(new), {LEA: "reader", MAX: "front-desk"})
    settings = {"name": "Acme & Co", "seatLimit": 9, "granting": "administrators"}
    expect("the old version updates the client", old.call("platform", "PUT", "/v1/scopes/acme", settings)["name"], "Acme & Co")
    expect("the role is still there", may(new, MAX, "checkin:scan"), True)
    expect("new roles are offered", "front-desk" in new.call(OWNER, "GET", f"/v1/scopes/{EVENT}")["roles"], True)


def status(stack: Stack, email: str) -> object:
    """The status of a person of the event's team."""
    rows = stack.call(OWNER, "GET", f"/v1/scopes/{EVENT}/collaborators")["collaborators"]
    return next(row["status"] for row in rows if row["email"] == email)


def declined(new: Stack, old: Stack) -> None:
    """What the old version makes of a declined invitation."""
    expect("the new version invites", new.invite(OWNER, EVENT, ZOE, "observer"), "pending")
    token = token_of(ZOE, (new, old))
    answer = new.call(ZOE, "POST", "/v1/invitations/decline", {"token": token})
    expect("the person declines", answer.get("declined"), True)
    expect("the old version reads an invitation that has expired", status(old, ZOE), "expired")
    code = old.call(ZOE, "POST", "/v1/invitations/accept", {"token": token}).get("code")
    expect("whose link no one can accept", code, "invitation-not-found")
    expect("the new version still reads the declined one", status(new, ZOE), "declined")
    expect("the old version invites again", old.invite(OWNER, EVENT, ZOE, "observer"), "pending")
    expect("and the new version sees that", status(new, ZOE), "pending")
    remove(new, ZOE)
    expect("and removes the person", roles(old), {LEA: "reader", MAX: "unknown"})


def waiting(new: Stack, old: Stack) -> None:
    """What the old version makes of a person who waits for a seat."""
    expect("the new version invites to the last seat", new.invite(OWNER, EVENT, KIM, "observer"), "pending")
    limit(new, new.call(OWNER, "GET", "/v1/scopes/acme/seats")["used"])
    body = {"email": UMA, "role": "observer", "ifFull": "wait"}
    entered = new.call(OWNER, "POST", f"/v1/scopes/{EVENT}/collaborators", body)
    expect("the next person waits", (entered.get("status"), entered.get("position")), ("waiting", 1))
    expect("the old version reads an invitation that has expired", status(old, UMA), "expired")
    old.call(UMA, "POST", "/v1/scopes/acme/logins", {})
    expect("a login there activates no one", status(new, UMA), "waiting")
    remove(old, KIM)
    expect("the old version passes no seat on", status(new, UMA), "waiting")
    new.call("platform", "POST", "/_local/schedules/audit-seats", {"waiting": True})
    expect("the schedule of the new one does", status(new, UMA), "pending")
    expect("and the old one sees that", status(old, UMA), "pending")
    remove(new, UMA)
    limit(new, 9)


def remove(stack: Stack, email: str) -> None:
    """Revokes the access of a person of the event's team."""
    rows = stack.call(OWNER, "GET", f"/v1/scopes/{EVENT}/collaborators")["collaborators"]
    row = next(row for row in rows if row["email"] == email)
    path = f"/v1/scopes/{EVENT}/collaborators/{row['id']}"
    stack.call(OWNER, "DELETE", path, if_match=f'"{row["version"]}"')


def limit(stack: Stack, seats: int) -> None:
    """Sets the seats of the contract."""
    settings = {"name": "Acme & Co", "seatLimit": seats, "granting": "administrators"}
    stack.call("platform", "PUT", "/v1/scopes/acme", settings)


def token_of(email: str, stacks: tuple[Stack, ...]) -> str:
    """The token of the first mail to an address. Either stack may have sent it; each waits for one."""
    for stack in 5 * stacks:
        for mail in stack.call("platform", "GET", f"/_local/mails?to={email}")["mails"]:
            return mail["link"].split("#")[1]
    raise SystemExit(f"no mail to {email}")


def after_a_rollback(old: Stack) -> None:
    """The old version alone."""
    expect("after a rollback, everyone is listed", roles(old), {LEA: "reader", MAX: "unknown"})
    expect("a login works", "scopes" in old.call(MAX, "POST", "/v1/scopes/acme/logins", {}), True)
    expect("an owner can replace the unknown role", assign(old, MAX, "observer"), "observer")


def main() -> None:
    """Builds both versions and runs the scenes."""
    parser = argparse.ArgumentParser(prog="tests/versions/canary.py", description=__doc__)
    parser.add_argument("--before", default="8dd8ffc", help="the earlier commit (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        earlier = Path(folder) / "earlier"
        subprocess.run(["git", "worktree", "add", "--detach", earlier, options.before], cwd=ROOT, check=True)
        try:
            with Stack(ROOT) as new:
                with Stack(earlier, table=new.table) as old:
                    side_by_side(new, old)
                    declined(new, old)
                    waiting(new, old)
                with Stack(earlier, table=new.table) as old:
                    after_a_rollback(old)
                expect("the new version reads what the rollback wrote", roles(new), {LEA: "reader", MAX: "observer"})
                left = new.call(OWNER, "DELETE", "/v1/scopes/acme/roles/front-desk")
                expect("and deletes the role", left.get("deleted"), True)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", earlier], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
