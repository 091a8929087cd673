"""The journey: a client's first days, through the deployed API, table, stream and e-mail."""

import re
import time

import console
import event
import hook
import waiting
from api import Api, contract
from issuer import Issuer
from say import Failure, say
from stack import ANNOUNCEMENTS_A_DAY, INVITATIONS_A_DAY, LINK, NAME, ORIGIN, SENDER, Stack

ODILE, LEA, MAX, NIL = "odile@acme.test", "lea@acme.test", "max@acme.test", "nil@acme.test"
HERE = "acme:tech:summit"
PEOPLE = "/v1/scopes/{scope}/collaborators"
_MAIL_SECONDS = 30


def run(stack: Stack, issuer: Issuer) -> None:
    """Runs all steps; the first unexpected result raises a `Failure`."""
    journey = _Journey(stack, issuer)
    for step in (
        journey.every_route_requires_a_token,
        journey.every_route_recognises_the_platform,
        journey.another_system_listens,
        journey.the_platform_provisions,
        journey.the_owner_accepts_the_invitation,
        journey.colleagues_are_invited_and_join,
        journey.the_invitations_arrive_in_a_queue,
        journey.authzen_decides_and_searches,
        journey.lists_read_the_rows_of_grants,
        journey.the_platform_imports_and_changes_people,
        journey.the_team_of_an_event_comes_back,
        journey.a_role_changes_and_an_announcement_is_sent,
        journey.a_client_defines_a_role,
        journey.the_schedules_run,
        journey.a_delivery_event_is_recorded,
        journey.an_invitation_is_declined,
        journey.people_wait_for_a_seat,
        journey.access_is_revoked,
        journey.ownership_is_transferred,
        journey.an_owner_moves_to_a_new_address,
        journey.an_operator_erases_a_person,
        journey.cors_allows_the_back_office,
        journey.the_console_is_configured,
        journey.the_hook_of_releases_invokes_every_function,
        journey.the_limits_are_those_of_the_template,
        journey.metrics_belong_to_the_stack,
        journey.every_route_was_called,
    ):
        name = step.__name__.replace("_", " ")
        say(name)
        try:
            step()
        except Failure:
            raise
        except Exception as error:  # a response in an unexpected form, or none
            raise Failure(f"{name}: {type(error).__name__}: {error}") from error

# How the client looks, in mails and pages.
LOOK = {"logoUrl": None, "accentColor": "#1d4e89", "timeZone": "Europe/Paris", "platformUrl": None}


class _Journey:
    def __init__(self, stack: Stack, issuer: Issuer) -> None:
        self.stack, self.issuer, self.api = stack, issuer, Api(stack)
        self.platform = issuer.program()
        self.odile, self.lea, self.max = (issuer.person(email) for email in (ODILE, LEA, MAX))
        self.ids: dict[str, str] = {}
        self.queue = ""

    def every_route_requires_a_token(self) -> None:
        """Tokens that are not for this API are refused too. Only links of invitations and the metadata of AuthZEN are open."""
        call = self.api.call
        for route, closed in contract().items():
            if closed:
                self.refused(route, "")
        whoami = "GET /v1/me/access"
        self.refused(whoami, self.issuer.forged(self.odile))
        self.refused(whoami, self.issuer.person(ODILE, aud="another"))
        self.refused(whoami, self.issuer.person(ODILE, iss="https://accounts.acme.test"))
        self.refused(whoami, self.issuer.person(ODILE, exp=int(time.time()) - 60))
        call("POST /v1/invitations/preview", 404, code="invitation-not-found", body={"token": "none"})

    def refused(self, route: str, token: str) -> None:
        """Expects the gateway's own 401, without a call of a function."""
        status, _, read = self.api.send(route, token=token, scope=HERE, id="unknown", key="unknown")
        if status != 401 or self.api.code(read):
            raise Failure(f"{route} returned {self.api.summary(status, read)}, but the authorizer must return 401")

    def every_route_recognises_the_platform(self) -> None:
        """Programs that are not in the template's `PlatformClientIds` are not the platform."""
        stranger = self.issuer.program("stranger")
        for route, closed in contract().items():
            if not closed:
                continue
            for token, known in ((stranger, False), (self.platform, True)):
                body = None if route.startswith(("GET", "DELETE")) else {}
                status, _, read = self.api.send(route, token=token, body=body, scope="nowhere", id="unknown", key="unknown")
                if status >= 500 or status == 401 or (self.api.code(read) == "email-not-verified") == known:
                    who = "the platform" if known else "a program that is not listed"
                    raise Failure(f"{route} returned {self.api.summary(status, read)} to {who}")

    def another_system_listens(self) -> None:
        """Deploys the example of docs/events.md."""
        self.queue = self.stack.listen()

    def the_invitations_arrive_in_a_queue(self) -> None:
        """Through the stream, `publish`, the bus and the rule of the example, with ids alone."""
        wanted = {self.ids[LEA], self.ids[MAX]}
        until = time.monotonic() + _MAIL_SECONDS
        while wanted and time.monotonic() < until:
            for message in self.stack.messages(self.queue):
                event = message["detail"]
                self.expect("a message", message, source="coulisses", **{"detail-type": event["type"]})
                self.expect("the event", event, specversion="1.0", source=self.stack.outputs["EventBusArn"])
                if "@" in str(message):
                    raise Failure(f"an event names a person: {message}")
                if event["type"] == "collaborator.invited":
                    wanted.discard(event["data"]["collaborator"])
        if wanted:
            raise Failure("no event of the invitations arrived in the queue: does the stream invoke `publish`?")
        _, read = self.api.call("GET /v1/scopes/{scope}/events", 200, token=self.platform, scope="acme")
        for event in read["events"]:
            self.expect("the event of the feed", event, source=self.stack.outputs["EventBusArn"])
        call = {"token": self.platform, "scope": "acme", "query": f"?after={read['nextCursor']}"}
        self.api.call("GET /v1/scopes/{scope}/events", 200, **call)

    def the_platform_provisions(self) -> None:
        acme = {"name": "Acme", "seatLimit": 4, "granting": "administrators", "owner": {"email": ODILE}, **LOOK}
        for scope, body in (
            ("acme", acme),
            ("acme:tech", {"name": "Tech"}),
            (HERE, {"name": "Summit", "kind": "event"}),
        ):
            self.api.call("PUT /v1/scopes/{scope}", 201, token=self.platform, scope=scope, body=body)
        _, read = self.api.call("GET /v1/scopes/{scope}", 200, token=self.platform, scope="acme")
        self.expect("the client", read, seats={"limit": 4, "used": 1})

    def the_owner_accepts_the_invitation(self) -> None:
        token = self.token_mailed_to(ODILE)
        _, read = self.api.call("POST /v1/invitations/preview", 200, body={"token": token})
        self.expect("the preview", read, email=ODILE, client={"id": "acme", "name": "Acme", **LOOK})
        self.api.call("POST /v1/invitations/accept", 403, token=self.lea, body={"token": token}, code="email-mismatch")
        self.api.call("POST /v1/invitations/accept", 200, token=self.odile, body={"token": token})
        _, read = self.api.call("POST /v1/scopes/{scope}/logins", 200, token=self.odile, scope="acme", body={})
        self.expect("the owner's login", read, activated=False)

    def colleagues_are_invited_and_join(self) -> None:
        for email, scope in ((LEA, "acme:tech"), (MAX, HERE)):
            body = {"email": email, "role": "reader", "message": "Bienvenue !"}
            _, read = self.api.call(f"POST {PEOPLE}", 201, token=self.odile, scope=scope, body=body)
            self.ids[email] = read["id"]
        self.grid({LEA: "pending", MAX: "pending", ODILE: "active"})
        self.api.call("POST /v1/invitations/accept", 200, token=self.lea, body={"token": self.token_mailed_to(LEA)})
        self.api.call("POST /v1/scopes/{scope}/logins", 200, token=self.lea, scope="acme", body={})
        self.grid({LEA: "active", MAX: "pending", ODILE: "active"})
        _, read = self.api.call("GET /v1/me/access", 200, token=self.lea)
        held = [scope["scope"] for access in read["access"] for scope in access["scopes"]]
        if held != ["acme:tech"]:
            raise Failure(f"GET /v1/me/access lists {held}, not acme:tech: does the index exist?")
        _, read = self.api.call("GET /v1/people", 200, token=self.platform, query=f"?email={LEA}")
        found = [person["client"]["id"] for person in read["people"]]
        if found != ["acme"]:
            raise Failure(f"GET /v1/people finds {LEA} in {found}, not in acme")

    def authzen_decides_and_searches(self) -> None:
        """AuthZEN answers as the checks and the list do, and names the host that it was asked at."""
        user, event = {"type": "user", "id": LEA}, {"type": "event", "id": HERE}
        body = {"subject": user, "action": {"name": "contacts:view"}, "resource": event}
        _, read = self.api.call("POST /access/v1/evaluation", 200, token=self.platform, body=body)
        self.expect("the evaluation", read, decision=True)
        batch = {**body, "evaluations": [{}, {"action": {"name": "access:manage"}}]}
        _, read = self.api.call("POST /access/v1/evaluations", 200, token=self.platform, body=batch)
        if [each["decision"] for each in read["evaluations"]] != [True, False]:
            raise Failure(f"the evaluations are {read}")
        for searched, expected in (("subject", LEA), ("resource", HERE), ("action", "contacts:view")):
            _, read = self.api.call(f"POST /access/v1/search/{searched}", 200, token=self.platform, body=body)
            found = [each.get("id", each.get("name")) for each in read["results"]]
            if expected not in found:
                raise Failure(f"the search for a {searched} finds {found}, not {expected}")
        _, read = self.api.call("GET /.well-known/authzen-configuration", 200)
        if not read["access_evaluation_endpoint"].endswith("/access/v1/evaluation"):
            raise Failure(f"the metadata of AuthZEN is {read}")

    def lists_read_the_rows_of_grants(self) -> None:
        """Without their row, a person is on no list; with `Lists` = `by-client` they would be."""
        with self.stack.without_item("G#acme", f"tech#{self.ids[LEA]}"):
            self.grid({MAX: "pending", ODILE: "active"})
        self.grid({LEA: "active", MAX: "pending", ODILE: "active"})

    def the_platform_imports_and_changes_people(self) -> None:
        """Imports Nina, changes, suspends and restores her, and takes her access again."""
        call, platform = self.api.call, {"token": self.platform, "scope": "acme"}
        _, read = call("GET /v1/scopes", 200, token=self.platform)
        if [scope["id"] for scope in read["scopes"]] != ["acme"]:
            raise Failure(f"GET /v1/scopes lists {read}, not acme alone: does the index exist?")
        people = [{"email": "nina@acme.test", "grants": [{"scope": HERE, "role": "observer"}]}]
        imports = {**platform, "body": {"people": people}}
        _, read = call("POST /v1/scopes/{scope}/imports", 200, query="?dryRun=true", **imports)
        self.expect("the effects of the import", read["effects"], seats={"before": 3, "after": 4}, mails=0)
        _, read = call("POST /v1/scopes/{scope}/imports", 200, **imports)
        self.expect("the import", read["results"][0], status=201, outcome="created")
        nina = read["results"][0]["collaborator"]
        change = {"id": nina["id"], "version": nina["version"], "role": "reader"}
        to_event = {"token": self.odile, "scope": HERE}
        _, read = call("POST /v1/scopes/{scope}/changes", 200, **to_event, body={"changes": [change]})
        self.expect("the change", read["results"][0], status=200)
        for method, body, status in (("POST", {}, "suspended"), ("DELETE", None, "pending")):
            route = f"{method} {PEOPLE}/{{id}}/suspension"
            _, read = call(route, 200, token=self.odile, scope="acme", id=nina["id"], body=body)
            self.expect(route, read, status=status)
        call("POST /v1/scopes/{scope}/revocations", 200, **to_event, body={"ids": [nina["id"]]})

    def the_team_of_an_event_comes_back(self) -> None:
        event.run(self.api, self.platform, self.odile, HERE)

    def a_role_changes_and_an_announcement_is_sent(self) -> None:
        etag = self.version_of(LEA)
        role = {"token": self.odile, "scope": HERE, "id": self.ids[LEA], "body": {"role": "contributor"}}
        self.api.call(f"PUT {PEOPLE}/{{id}}/role", 200, if_match=etag, **role)
        self.api.call(f"PUT {PEOPLE}/{{id}}/role", 412, if_match=etag, code="stale-version", **role)
        self.allowed(True)
        doors = {"token": self.odile, "scope": HERE, "body": {"subject": "Doors", "text": "They open at eight."}}
        for _ in range(ANNOUNCEMENTS_A_DAY):
            self.api.call("POST /v1/scopes/{scope}/announcements", 202, **doors)
        self.api.call("POST /v1/scopes/{scope}/announcements", 429, code="mail-limit", **doors)
        # A message in a grant to an active person counts as an announcement.
        grant = {"email": LEA, "role": "reader", "message": "Bienvenue !"}
        to_lea = {"token": self.odile, "scope": "acme", "body": grant}
        self.api.call(f"POST {PEOPLE}", 429, code="mail-limit", **to_lea)
        self.mail_to(LEA, "Doors")
        _, read = self.api.call("GET /v1/scopes/{scope}/history", 200, token=self.odile, scope=HERE)
        if not any(entry["collaborator"].get("email") == LEA for entry in read["entries"] if "collaborator" in entry):
            raise Failure(f"the history has no entry about {LEA}: {read}")

    def a_client_defines_a_role(self) -> None:
        """Gives the role to Léa, then deletes it in favour of the one she had."""
        role, here = "/v1/scopes/{scope}/roles/{key}", {"token": self.odile, "scope": HERE}
        acme = {"token": self.odile, "scope": "acme", "key": "front-desk"}
        body = {
            "name": {"en": "Front desk", "fr": "Accueil"},
            "description": {"en": "Greets the guests.", "fr": "Accueille les invités."},
            "permissions": ["checkin:scan"],
            "levels": ["event"],
        }
        version = self.api.call(f"PUT {role}", 201, if_none_match="*", body=body, **acme)[0]["etag"]
        _, read = self.api.call("GET /v1/scopes/{scope}/roles", 200, **here)
        names = {item["key"] for item in read["roles"] if item["offered"]}
        _, read = self.api.call("GET /v1/catalogue", 200, token=self.odile)
        shipped = {item["key"] for item in read["roles"]}
        if names != shipped - {"owner"} | {"front-desk"}:
            raise Failure(f"the event offers {names}; the catalogue has {shipped}")
        lea = {**here, "id": self.ids[LEA]}
        etag = self.version_of(LEA)
        self.api.call(f"PUT {PEOPLE}/{{id}}/role", 200, if_match=etag, body={"role": "front-desk"}, **lea)
        self.api.call(f"DELETE {role}", 409, code="role-in-use", if_match=version, **acme)
        self.api.call(f"DELETE {role}", 200, if_match=version, query="?reassign=contributor", **acme)

    def the_schedules_run(self) -> None:
        """Invokes each scheduled function once; the audit finds the clients with the index."""
        results = self.stack.run_schedules()
        if {"audited": 1, "failed": 0, "left": 0} not in results:
            raise Failure(f"no schedule audited the client; the results are {results}")
        if not any("batchItemFailures" in result for result in results if result):
            raise Failure(f"no schedule swept the outbox; the results are {results}")
        _, read = self.api.call("GET /v1/scopes/{scope}/seats", 200, token=self.odile, scope="acme")
        self.expect("the seats", read, limit=4, used=3, active=2, pending=1)
        self.expect("the audit", read["lastAudit"], counted=3, drift=0)

    def a_delivery_event_is_recorded(self) -> None:
        """Publishes an SES event with the tags of the invitation's e-mail."""
        self.mail_to(MAX, "")
        item = self.stack.item("C#acme", f"P#{self.ids[MAX]}")
        tags = {
            "client": ["acme"],
            "collaborator": [self.ids[MAX]],
            "sending": [item["invitation"]["M"]["sending"]["S"]],
            "ses:configuration-set": [self.stack.configuration_set()],
        }
        detail = {"eventType": "Delivery", "mail": {"tags": tags}, "delivery": {"recipients": [MAX]}}
        if self.stack.publish({"source": "aws.ses", "detail-type": "Email Delivered", "detail": detail}) != 1:
            raise Failure("no rule of the template matches the delivery events of SES")
        _, read = self.one(MAX)
        self.expect("the invitation", read["invitation"], delivery="delivered")

    def an_invitation_is_declined(self) -> None:
        body = {"email": NIL, "role": "reader"}
        _, invited = self.api.call(f"POST {PEOPLE}", 201, token=self.odile, scope=HERE, body=body)
        token = {"token": self.token_mailed_to(NIL)}
        self.api.call("POST /v1/invitations/renewal", 409, code="invitation-still-valid", body=token)
        _, read = self.api.call("POST /v1/invitations/decline", 200, body={**token, "reason": "On leave"})
        self.expect("the answer", read, declined=True)
        here = {"token": self.odile, "scope": HERE, "id": invited["id"]}
        _, read = self.api.call(f"GET {PEOPLE}/{{id}}", 200, **here)
        self.expect("the person who declined", read, status="declined")
        gone = {"ids": [invited["id"]]}
        self.api.call("POST /v1/scopes/{scope}/revocations", 200, token=self.odile, scope=HERE, body=gone)

    def people_wait_for_a_seat(self) -> None:
        waiting.run(self.api, self.platform, self.stack)

    def access_is_revoked(self) -> None:
        self.stack.forget_last_mail("acme", self.ids[MAX])
        resend = {"token": self.odile, "scope": HERE, "id": self.ids[MAX]}
        self.api.call(f"POST {PEOPLE}/{{id}}/resend", 202, **resend)
        self.api.call(f"POST {PEOPLE}/{{id}}/resend", 429, code="resend-too-soon", **resend)
        gone = {"ids": [self.ids[MAX]]}
        self.api.call("POST /v1/scopes/{scope}/revocations", 200, token=self.odile, scope=HERE, body=gone)
        leave = {"token": self.odile, "scope": "acme:tech", "id": self.ids[LEA], "query": "?below=true"}
        headers, _ = self.api.call(f"GET {PEOPLE}/{{id}}", 200, token=self.odile, scope="acme:tech", id=self.ids[LEA])
        _, read = self.api.call(f"DELETE {PEOPLE}/{{id}}", 200, if_match=headers["etag"], **leave)
        self.expect("the revocation", read, seatReleased=True, residual=[])
        self.allowed(False)
        self.grid({ODILE: "active"})

    def ownership_is_transferred(self) -> None:
        """The platform transfers it to a new person; the former owner becomes an administrator."""
        owner = {"email": "zoe@acme.test"}
        self.api.call("POST /v1/scopes/{scope}/owner", 200, token=self.platform, scope="acme", body=owner)
        self.grid({ODILE: "active", "zoe@acme.test": "pending"})

    def an_owner_moves_to_a_new_address(self) -> None:
        """The platform alone moves an owner. Their invitation is still open, so there is no account to unbind."""
        _, read = self.api.call(f"GET {PEOPLE}", 200, token=self.odile, scope="acme")
        owner = next(person for person in read["collaborators"] if person["role"] == "owner")
        headers, _ = self.api.call(f"GET {PEOPLE}/{{id}}", 200, token=self.odile, scope="acme", id=owner["id"])
        body = {"email": "zoe.martin@acme.test"}
        of = {"token": self.platform, "scope": "acme", "id": owner["id"], "if_match": headers["etag"]}
        self.api.call(f"DELETE {PEOPLE}/{{id}}/account", 409, code="not-active", **of)
        self.api.call(f"PUT {PEOPLE}/{{id}}/email", 200, body=body, **of)
        self.grid({ODILE: "active", "zoe.martin@acme.test": "pending"})

    def an_operator_erases_a_person(self) -> None:
        """Operators invoke the functions that have no events."""
        for name, function in self.stack.without_events().items():
            if name != "EraseFunction":
                raise Failure(f"{name} has no event: add one, or invoke it in infra/deploy-check/journey.py")
            result = self.stack.invoke(function, {"client": "acme", "email": LEA, "erase": True})
            self.expect("the erasure", result, outcome="erased")
            _, read = self.api.call("GET /v1/scopes/{scope}/history", 200, token=self.odile, scope="acme")
            if LEA in str(read):
                raise Failure(f"the history still names {LEA}: {read}")

    def cors_allows_the_back_office(self) -> None:
        """Pages of the template's origins may call the API, other pages may not."""
        if not self.stack.has_cors():
            return
        for origin, expected in ((ORIGIN, ORIGIN), ("https://elsewhere.test", None)):
            allowed = self.api.preflight("/v1/checks", origin).get("access-control-allow-origin")
            if allowed != expected:
                raise Failure(f"for a page of {origin}, CORS allows {allowed}: see CorsConfiguration in the template")

    def the_console_is_configured(self) -> None:
        """The console's files and the API share an origin."""
        if self.stack.has_console():
            console.check(self.stack, self.issuer)

    def metrics_belong_to_the_stack(self) -> None:
        """Otherwise the metrics of one stack keep the alarms of another one quiet."""
        found = set(re.findall(r'"Namespace":"([^"]*)"', "\n".join(self.stack.cloud.functions_log())))
        if found != {f"Coulisses/{NAME}"}:
            raise Failure(f"metrics are recorded in {found or 'no namespace'}, not in one of the stack")

    def the_hook_of_releases_invokes_every_function(self) -> None:
        """Before the limits, because it is no client's request."""
        hook.check(self.stack)

    def the_limits_are_those_of_the_template(self) -> None:
        """Every function that sends invitations has the same daily limit."""
        call, owner = self.api.call, "owner@full.test"
        full = {"name": "Full", "seatLimit": None, "granting": "administrators", "owner": {"email": owner}}
        for scope, body in (("full", full), ("full:tech", {"name": "Tech"})):
            call("PUT /v1/scopes/{scope}", 201, token=self.platform, scope=scope, body=body)
        here = {"token": self.issuer.person(owner), "scope": "full"}
        _, read = call("POST /v1/scopes/{scope}/logins", 200, body={}, **here)
        self.expect("the first login", read, activated=True)
        # One caller has 40 % of the invitations of a day.
        share = -(-INVITATIONS_A_DAY * 40 // 100)
        guests = [{"email": f"guest{number}@full.test", "role": "reader"} for number in range(share + 1)]
        _, read = call(f"POST {PEOPLE}", 200, body={"invitations": guests[:-1]}, **here)
        if [result["status"] for result in read["results"]] != [201] * share:
            raise Failure(f"not all invitations of the day were accepted: {read}")
        first = read["results"][0]["collaborator"]["id"]
        limited = {"status": 429, "code": "mail-limit"}
        call(f"POST {PEOPLE}", body=guests[-1], **limited, **here)
        self.stack.forget_last_mail("full", first)
        call(f"POST {PEOPLE}/{{id}}/resend", id=first, **limited, **here)
        etag = call(f"GET {PEOPLE}/{{id}}", 200, id=first, **here)[0]["etag"]
        moved = {"email": "moved@full.test"}
        call(f"PUT {PEOPLE}/{{id}}/email", id=first, if_match=etag, body=moved, **limited, **here)
        # A role change that revives an invitation that was never sent sends it.
        self.stack.end_unsent("full", first)
        call(f"PUT {PEOPLE}/{{id}}/role", id=first, if_match=etag, body={"role": "reader"}, **limited, **here)
        new = {"email": "new@full.test"}
        event = {"name": "Gala", "kind": "event", "owner": new}
        # The platform has a limit of its own. The owner of the client had the first invitation.
        for number in range(1, INVITATIONS_A_DAY):
            body = {**event, "owner": {"email": f"owner{number}@full.test"}}
            call("PUT /v1/scopes/{scope}", 201, token=self.platform, scope=f"full:tech:gala{number}", body=body)
        call("PUT /v1/scopes/{scope}", token=self.platform, scope="full:tech:gala", body=event, **limited)
        call("POST /v1/scopes/{scope}/owner", token=self.platform, scope="full", body=new, **limited)

    def every_route_was_called(self) -> None:
        missing = sorted(set(contract()) - self.api.called)
        if missing:
            raise Failure(f"the journey does not call {', '.join(missing)}: see infra/deploy-check/journey.py")

    # Helpers.

    def expect(self, what: str, read: dict, **expected: object) -> None:
        """Fails unless these fields have these values."""
        for name, value in expected.items():
            if read.get(name) != value:
                raise Failure(f"{what} has {name} {read.get(name)!r}, not {value!r}")

    def one(self, email: str) -> tuple[dict, dict]:
        """A collaborator, as the owner sees them at the event."""
        return self.api.call(f"GET {PEOPLE}/{{id}}", 200, token=self.odile, scope=HERE, id=self.ids[email])

    def version_of(self, email: str) -> str:
        """A collaborator's version, for `If-Match`."""
        return self.one(email)[0]["etag"]

    def grid(self, expected: dict[str, str]) -> None:
        """Expects these collaborators at the event, each with this status."""
        _, read = self.api.call(f"GET {PEOPLE}", 200, token=self.odile, scope=HERE)
        found = {person["email"]: person["status"] for person in read["collaborators"]}
        if found != expected:
            raise Failure(f"the grid shows {found}, not {expected}")

    def allowed(self, expected: bool) -> None:
        """Expects that Léa may, or may not, see the event's contacts."""
        checks = {"checks": [{"scope": HERE, "permission": "contacts:view"}]}
        _, read = self.api.call("POST /v1/checks", 200, token=self.lea, body=checks)
        self.expect("the check", read["results"][0], allowed=expected)

    def mail_to(self, email: str, subject: str) -> dict:
        """Waits for an e-mail to an address, with this text in its subject, and returns the last one."""
        until = time.monotonic() + _MAIL_SECONDS
        while time.monotonic() < until:
            found = [mail for mail in self.stack.cloud.mails() if mail["To"] == [email] and subject in mail["Subject"]]
            if found:
                return found[-1]
            time.sleep(0.1)
        raise Failure(f"no e-mail to {email} within {_MAIL_SECONDS} s: does the stream invoke `deliver`?")

    def token_mailed_to(self, email: str) -> str:
        """The token in the link of the last e-mail to an address."""
        mail = self.mail_to(email, "")
        if SENDER not in mail["Source"]:
            raise Failure(f"the e-mail is from {mail['Source']}, not from {SENDER}")
        found = re.search(re.escape(LINK) + r"#([\w.:~-]+)", mail["BodyText"])
        if not found:
            raise Failure(f"the e-mail has no link to {LINK}: {mail['BodyText']}")
        return found[1]
