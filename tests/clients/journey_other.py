"""The journey with the client of OpenAPI Generator: provision, invite, accept, check, list, change a role, revoke.

Usage: journey_other.py BASE, with the generated client in PYTHONPATH.
"""

from other import (
    AccessApi,
    ApiClient,
    ApiException,
    Check,
    Checks,
    CollaboratorsApi,
    Collaborator,
    Configuration,
    DryRun,
    Granting,
    HistoryApi,
    InvitationsApi,
    InvitationToken,
    NewCollaborators,
    NewOwner,
    Permission,
    RoleAssignment,
    ScopesApi,
    ScopeSettings,
)

import stack

OWNER, LEA = "owner@other.example", "lea@other.example"


def client(token: str) -> ApiClient:
    return ApiClient(Configuration(host=stack.BASE, access_token=token))


def tag(version: int) -> str:
    return f'"{version}"'


def problem(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except ApiException as error:
        return error.data
    raise AssertionError(f"{call} was not refused")


platform, owner, lea = client(stack.platform()), client(stack.person(OWNER)), client(stack.person(LEA))
team = CollaboratorsApi(owner)

settings = ScopeSettings(name="Other", seatLimit=5, granting=Granting.ADMINISTRATORS, owner=NewOwner(email=OWNER))
made = ScopesApi(platform).put_scope_with_http_info("other", settings, if_none_match="*")
assert made.status_code == 201 and made.data.seats.used == 1, made
ScopesApi(platform).put_scope("other:tech", ScopeSettings(name="Tech"))
accepted = InvitationsApi(owner).accept_invitation(InvitationToken(token=stack.invitation(OWNER)))
assert accepted.client.id == "other", accepted

body = NewCollaborators(email=LEA, role="reader")
planned = team.invite("other:tech", body, dry_run=True).actual_instance
assert isinstance(planned, DryRun) and planned.effects.seats.after == 2, planned
invited = [team.invite("other:tech", body, idempotency_key=key) for key in ("k", '"k"')]
assert isinstance(invited[0], Collaborator) and invited[0] == invited[1], invited
refused = problem(team.invite, "other:tech", body)
assert refused.code == "already-has-access" and refused.collaborator == invited[0].id, refused
InvitationsApi(lea).accept_invitation(InvitationToken(token=stack.invitation(LEA)))

checks = Checks(checks=[Check(scope="other:tech", permission=Permission("contacts:view"))])
answer = AccessApi(lea).check(checks).results[0]
assert answer.allowed and answer.because.role == "reader", answer

page = team.list_collaborators("other:tech", limit=1)
rest = team.list_collaborators("other:tech", limit=1, cursor=page.next_cursor)
listed = {it.email: it for it in [*page.collaborators, *rest.collaborators]}
assert set(listed) == {OWNER, LEA} and rest.next_cursor is None, listed

record = listed[LEA]
role = RoleAssignment(role="manager", reason="Takes over")
changed = team.assign_role(tag(record.version), "other:tech", record.id, role).actual_instance
assert changed.role == "manager" and changed.grants[0].granted_by.email == OWNER, changed
stale = problem(team.revoke, tag(record.version), "other:tech", record.id)
assert stale.code == "stale-version" and stale.status == 412, stale
revoked = team.revoke(tag(changed.version), "other:tech", record.id).actual_instance
assert revoked.seat_released is True, revoked

entries = HistoryApi(owner).get_history("other").entries
assert [entry.action.value for entry in entries[:3]] == ["revoked", "role-changed", "activated"], entries
assert entries[1].changes["other:tech"].after.role == "manager", entries[1]
assert problem(ScopesApi(lea).get_scope, "other").code == "scope-not-found"
assert problem(ScopesApi(client("no token")).get_scope, "other").message
