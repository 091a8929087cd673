"""The journey with the client of openapi-python-client: provision, invite, accept, check, list, change a role, revoke.

Usage: journey_one.py BASE, with the generated client in PYTHONPATH.
"""

from one import AuthenticatedClient
from one.api.access import check
from one.api.collaborators import assign_role, invite, list_collaborators, revoke
from one.api.history import get_history
from one.api.invitations import accept_invitation
from one.api.scopes import get_scope, put_scope
from one.models import (
    Acceptance,
    Check,
    Checks,
    CheckResults,
    Collaborator,
    CollaboratorPage,
    DryRun,
    Granting,
    HistoryPage,
    InvitationToken,
    LeafLevel,
    NewCollaborators,
    NewOwner,
    Permission,
    Problem,
    Revocation,
    RoleAssignment,
    Scope,
    ScopeSettings,
    TokenProblem,
)

import stack

OWNER, LEA = "owner@one.example", "lea@one.example"


def client(token: str) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=stack.BASE, token=token, raise_on_unexpected_status=True)


def tag(version: int) -> str:
    return f'"{version}"'


platform, owner, lea = client(stack.platform()), client(stack.person(OWNER)), client(stack.person(LEA))

settings = ScopeSettings(name="One", seat_limit=5, granting=Granting.ADMINISTRATORS, owner=NewOwner(email=OWNER))
made = put_scope.sync_detailed("one", client=platform, body=settings, if_none_match="*")
assert made.status_code == 201 and isinstance(made.parsed, Scope) and made.parsed.seats.used == 1, made
for scope, body in (
    ("one:tech", ScopeSettings(name="Tech")),
    ("one:tech:summit", ScopeSettings(name="Summit", kind=LeafLevel.EVENT)),
):
    made = put_scope.sync(scope, client=platform, body=body)
    assert isinstance(made, Scope), made
accepted = accept_invitation.sync(client=owner, body=InvitationToken(token=stack.invitation(OWNER)))
assert isinstance(accepted, Acceptance) and accepted.client.id == "one", accepted

body = NewCollaborators(email=LEA, role="custom", permissions=[Permission.CHECKINSCAN])
planned = invite.sync("one:tech:summit", client=owner, body=body, dry_run=True)
assert isinstance(planned, DryRun) and planned.effects.seats.after == 2, planned
keys = ('"a key"', "a key", '"a key"')
invited = [invite.sync("one:tech:summit", client=owner, body=body, idempotency_key=key) for key in keys]
assert isinstance(invited[0], Collaborator) and invited[0] == invited[1] == invited[2], invited
refused = invite.sync("one:tech:summit", client=owner, body=body)
assert isinstance(refused, Problem) and refused.code == "already-has-access", refused
assert refused.collaborator == invited[0].id and refused.type_.endswith("/problems#already-has-access"), refused
accepted = accept_invitation.sync(client=lea, body=InvitationToken(token=stack.invitation(LEA)))
assert isinstance(accepted, Acceptance) and accepted.scopes[0].role == "custom", accepted

questions = [
    Check(scope="one:tech:summit", permission=Permission.CHECKINSCAN),
    Check(scope="one:tech:summit", permission=Permission.CONTACTSVIEW),
]
answers = check.sync(client=lea, body=Checks(checks=questions))
assert isinstance(answers, CheckResults) and [it.allowed for it in answers.results] == [True, False], answers

page = list_collaborators.sync("one:tech:summit", client=owner, limit=1)
assert isinstance(page, CollaboratorPage) and page.next_cursor and page.seats.used == 2, page
rest = list_collaborators.sync("one:tech:summit", client=owner, limit=1, cursor=page.next_cursor)
listed = {it.email: it for it in [*page.collaborators, *rest.collaborators]}
assert set(listed) == {OWNER, LEA} and rest.next_cursor is None, listed

record = listed[LEA]
change = RoleAssignment(role="manager", reason="Takes over")
changed = assign_role.sync("one:tech:summit", record.id, client=owner, body=change, if_match=tag(record.version))
assert isinstance(changed, Collaborator) and changed.role == "manager", changed
stale = revoke.sync("one:tech:summit", record.id, client=owner, if_match=tag(record.version))
assert isinstance(stale, Problem) and stale.code == "stale-version", stale
revoked = revoke.sync("one:tech:summit", record.id, client=owner, if_match=tag(changed.version))
assert isinstance(revoked, Revocation) and revoked.seat_released is True, revoked

history = get_history.sync("one", client=owner)
actions = [str(entry.action) for entry in history.entries] if isinstance(history, HistoryPage) else history
assert actions[:4] == ["revoked", "role-changed", "activated", "invited"], actions
after = history.entries[1].changes["one:tech:summit"].after
assert after.role == "manager" and history.entries[1].actor.email == OWNER, after
hidden = get_scope.sync("one", client=lea)
assert isinstance(hidden, Problem) and hidden.code == "scope-not-found", hidden
strange = get_scope.sync("one", client=client("no token"))
assert isinstance(strange, TokenProblem) and strange.message, strange
