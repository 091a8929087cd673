"""The journey: what a client's people do in their first days, through the deployed API, table, stream and mail."""

import re
import time

import console
from api import Api, contract
from issuer import Issuer
from say import Failure, say
from stack import INVITATIONS_A_DAY, LINK, NOTICES_A_DAY, ORIGIN, SENDER, Stack

ODILE, LEA, MAX = "odile@acme.test", "lea@acme.test", "max@acme.test"
HERE = "acme:tech:summit"
PEOPLE = "/v1/scopes/{scope}/collaborators"
_MAIL_SECONDS = 30


def run(stack: Stack, issuer: Issuer) -> None:
    """Goes all the way; the first thing that is not as expected ends it, with a `Failure`."""
    journey = _Journey(stack, issuer)
    for step in (
        journey.nobody_enters_without_a_token,
        journey.the_platform_is_known_on_every_route,
        journey.the_platform_provisions,
        journey.the_owner_accepts_by_the_mail,
        journey.a_colleague_comes,
        journey.a_colleague_is_known_and_told,
        journey.the_schedules_run,
        journey.news_of_a_mail_come_back,
        journey.a_colleague_goes,
        journey.ownership_is_handed_over,
        journey.an_operator_erases,
        journey.pages_of_the_back_office_are_let_in,
        journey.the_console_stands,
        journey.the_limits_are_those_of_the_template,
        journey.every_route_was_called,
    ):
        name = step.__name__.replace("_", " ")
        say(name)
        try:
            step()
        except Failure:
            raise
        except Exception as error:  # an answer of whatever form, or none at all
            raise Failure(f"{name}: {type(error).__name__}: {error}") from error


class _Journey:
    def __init__(self, stack: Stack, issuer: Issuer) -> None:
        self.stack, self.issuer, self.api = stack, issuer, Api(stack)
        self.platform = issuer.program()
        self.odile, self.lea, self.max = (issuer.person(email) for email in (ODILE, LEA, MAX))
        self.ids: dict[str, str] = {}

    def nobody_enters_without_a_token(self) -> None:
        """Nor with a token that is not for this API; the preview alone is open."""
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
        """The gateway's own 401: no function is asked."""
        status, _, read = self.api.send(route, token=token, scope=HERE, id="nobody")
        if status != 401 or self.api.code(read):
            raise Failure(f"{route} answered {self.api.told(status, read)} to whom the authorizer must refuse with 401")

    def the_platform_is_known_on_every_route(self) -> None:
        """A program that is not among the template's `PlatformClientIds` is nobody, on each route."""
        stranger = self.issuer.program("stranger")
        for route, closed in contract().items():
            if not closed:
                continue
            for token, known in ((stranger, False), (self.platform, True)):
                body = None if route.startswith(("GET", "DELETE")) else {}
                status, _, read = self.api.send(route, token=token, body=body, scope="nowhere", id="nobody")
                if status >= 500 or status == 401 or (self.api.code(read) == "email-not-verified") == known:
                    who = "the platform" if known else "a program that is not listed"
                    raise Failure(f"{route} answered {self.api.told(status, read)} to {who}")

    def the_platform_provisions(self) -> None:
        acme = {"name": "Acme", "seatLimit": 4, "granting": "administrators", "owner": {"email": ODILE}}
        for scope, body in (
            ("acme", acme),
            ("acme:tech", {"name": "Tech"}),
            (HERE, {"name": "Summit", "kind": "event"}),
        ):
            self.api.call("PUT /v1/scopes/{scope}", 201, token=self.platform, scope=scope, body=body)
        _, read = self.api.call("GET /v1/scopes/{scope}", 200, token=self.platform, scope="acme")
        self.holds("the client", read, seats={"limit": 4, "used": 1})

    def the_owner_accepts_by_the_mail(self) -> None:
        token = self.token_mailed_to(ODILE)
        _, read = self.api.call("POST /v1/invitations/preview", 200, body={"token": token})
        self.holds("the preview", read, email=ODILE, client={"id": "acme", "name": "Acme"})
        self.api.call("POST /v1/invitations/accept", 403, token=self.lea, body={"token": token}, code="email-mismatch")
        self.api.call("POST /v1/invitations/accept", 200, token=self.odile, body={"token": token})
        _, read = self.api.call("POST /v1/scopes/{scope}/logins", 200, token=self.odile, scope="acme", body={})
        self.holds("the owner's login", read, activated=False)

    def a_colleague_comes(self) -> None:
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
            raise Failure(f"GET /v1/me/access tells of {held}, not of acme:tech: is the index there?")

    def a_colleague_is_known_and_told(self) -> None:
        etag = self.version_of(LEA)
        role = {"token": self.odile, "scope": HERE, "id": self.ids[LEA], "body": {"role": "contributor"}}
        self.api.call(f"PUT {PEOPLE}/{{id}}/role", 200, if_match=etag, **role)
        self.api.call(f"PUT {PEOPLE}/{{id}}/role", 412, if_match=etag, code="stale-version", **role)
        self.allowed(True)
        notice = {"token": self.odile, "scope": HERE, "body": {"subject": "Doors", "text": "They open at eight."}}
        for _ in range(NOTICES_A_DAY):
            _, read = self.api.call("POST /v1/scopes/{scope}/notices", 202, **notice)
        self.api.call("POST /v1/scopes/{scope}/notices", 429, code="mail-limit", **notice)
        self.mail_to(LEA, "Doors")
        _, read = self.api.call("GET /v1/scopes/{scope}/history", 200, token=self.odile, scope=HERE)
        if not any(entry["collaborator"].get("email") == LEA for entry in read["entries"] if "collaborator" in entry):
            raise Failure(f"the history does not tell of {LEA}: {read}")

    def the_schedules_run(self) -> None:
        """Each once, by hand, as its rule would: the audit finds the clients by the index."""
        answers = [self.stack.run(rule, function, {}) for rule, function in self.stack.scheduled()]
        if {"audited": 1, "failed": 0, "left": 0} not in answers:
            raise Failure(f"no schedule audited the client: they answered {answers}")
        if not any("batchItemFailures" in answer for answer in answers if answer):
            raise Failure(f"no schedule swept the outbox: they answered {answers}")
        _, read = self.api.call("GET /v1/scopes/{scope}/seats", 200, token=self.odile, scope="acme")
        self.holds("the seats", read, limit=4, used=3, active=2, pending=1)
        self.holds("the audit", read["lastAudit"], counted=3, drift=0)

    def news_of_a_mail_come_back(self) -> None:
        """By the rule for SES, with the tags that the invitation's mail bore."""
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
            raise Failure("no rule of the template takes the news of a mail that SES publishes")
        _, read = self.one(MAX)
        self.holds("the invitation", read["invitation"], delivery="delivered")

    def a_colleague_goes(self) -> None:
        self.stack.forget_last_mail("acme", self.ids[MAX])
        resend = {"token": self.odile, "scope": HERE, "id": self.ids[MAX]}
        self.api.call(f"POST {PEOPLE}/{{id}}/resend", 202, **resend)
        self.api.call(f"POST {PEOPLE}/{{id}}/resend", 429, code="resend-too-soon", **resend)
        gone = {"ids": [self.ids[MAX]]}
        self.api.call("POST /v1/scopes/{scope}/revocations", 200, token=self.odile, scope=HERE, body=gone)
        leave = {"token": self.odile, "scope": "acme:tech", "id": self.ids[LEA], "query": "?below=true"}
        headers, _ = self.api.call(f"GET {PEOPLE}/{{id}}", 200, token=self.odile, scope="acme:tech", id=self.ids[LEA])
        _, read = self.api.call(f"DELETE {PEOPLE}/{{id}}", 200, if_match=headers["etag"], **leave)
        self.holds("the revocation", read, seatReleased=True, residual=[])
        self.allowed(False)
        self.grid({ODILE: "active"})

    def ownership_is_handed_over(self) -> None:
        """To somebody new, by the platform; the former owner becomes administrator."""
        owner = {"email": "zoe@acme.test"}
        self.api.call("POST /v1/scopes/{scope}/owner", 200, token=self.platform, scope="acme", body=owner)
        self.grid({ODILE: "active", "zoe@acme.test": "pending"})

    def an_operator_erases(self) -> None:
        """What nothing wakes is invoked by an operator, whom IAM lets."""
        for name, function in self.stack.woken_by_nobody().items():
            if name != "EraseFunction":
                raise Failure(f"nothing wakes {name}: give it an event, or invoke it in infra/deploy-check/journey.py")
            told = self.stack.invoke(function, {"client": "acme", "email": LEA, "erase": True})
            self.holds("the erasure", told, outcome="erased")
            _, read = self.api.call("GET /v1/scopes/{scope}/history", 200, token=self.odile, scope="acme")
            if LEA in str(read):
                raise Failure(f"the history still names {LEA}: {read}")

    def pages_of_the_back_office_are_let_in(self) -> None:
        """Those of the template's origins, and no others."""
        if not self.stack.has_cors():
            return
        for origin, allowed in ((ORIGIN, ORIGIN), ("https://elsewhere.test", None)):
            told = self.api.preflight("/v1/checks", origin).get("access-control-allow-origin")
            if told != allowed:
                raise Failure(f"a page of {origin} is told that {told} may call: see CorsConfiguration in the template")

    def the_console_stands(self) -> None:
        """Its files and the API, under one origin."""
        if self.stack.has_console():
            console.stands(self.stack, self.issuer)

    def the_limits_are_those_of_the_template(self) -> None:
        """Each function that sends invitations counts them up to the same number a day."""
        call, owner = self.api.call, "owner@full.test"
        full = {"name": "Full", "seatLimit": None, "granting": "administrators", "owner": {"email": owner}}
        for scope, body in (("full", full), ("full:tech", {"name": "Tech"})):
            call("PUT /v1/scopes/{scope}", 201, token=self.platform, scope=scope, body=body)
        here = {"token": self.issuer.person(owner), "scope": "full"}
        _, read = call("POST /v1/scopes/{scope}/logins", 200, body={}, **here)
        self.holds("the first login", read, activated=True)
        guests = [{"email": f"guest{number}@full.test", "role": "reader"} for number in range(INVITATIONS_A_DAY)]
        _, read = call(f"POST {PEOPLE}", 200, body={"invitations": guests[:-1]}, **here)
        if [result["status"] for result in read["results"]] != [201] * (INVITATIONS_A_DAY - 1):
            raise Failure(f"the invitations of a day were not all taken: {read}")
        first = read["results"][0]["collaborator"]["id"]
        past = {"status": 429, "code": "mail-limit"}
        call(f"POST {PEOPLE}", body=guests[-1], **past, **here)
        self.stack.forget_last_mail("full", first)
        call(f"POST {PEOPLE}/{{id}}/resend", id=first, **past, **here)
        somebody = {"email": "somebody@full.test"}
        event = {"name": "Gala", "kind": "event", "owner": somebody}
        call("PUT /v1/scopes/{scope}", token=self.platform, scope="full:tech:gala", body=event, **past)
        call("POST /v1/scopes/{scope}/owner", token=self.platform, scope="full", body=somebody, **past)

    def every_route_was_called(self) -> None:
        forgotten = sorted(set(contract()) - self.api.called)
        if forgotten:
            raise Failure(f"no call of {', '.join(forgotten)}: add one to infra/deploy-check/journey.py")

    # What the steps share.

    def holds(self, what: str, read: dict, **expected: object) -> None:
        """These fields have these values."""
        for name, value in expected.items():
            if read.get(name) != value:
                raise Failure(f"{what} has {name} {read.get(name)!r}, not {value!r}")

    def one(self, email: str) -> tuple[dict, dict]:
        """Somebody, as the owner sees him at the event."""
        return self.api.call(f"GET {PEOPLE}/{{id}}", 200, token=self.odile, scope=HERE, id=self.ids[email])

    def version_of(self, email: str) -> str:
        """The version for `If-Match`."""
        return self.one(email)[0]["etag"]

    def grid(self, expected: dict[str, str]) -> None:
        """Who has access at the event, and how it stands with him."""
        _, read = self.api.call(f"GET {PEOPLE}", 200, token=self.odile, scope=HERE)
        found = {person["email"]: person["status"] for person in read["collaborators"]}
        if found != expected:
            raise Failure(f"the grid shows {found}, not {expected}")

    def allowed(self, expected: bool) -> None:
        """Whether Léa may see the contacts of the event."""
        asked = {"checks": [{"scope": HERE, "permission": "contacts:view"}]}
        _, read = self.api.call("POST /v1/checks", 200, token=self.lea, body=asked)
        self.holds("the check", read["results"][0], allowed=expected)

    def mail_to(self, email: str, subject: str) -> dict:
        """The last mail to somebody with this in its subject, once the stream has brought it to `deliver`."""
        until = time.monotonic() + _MAIL_SECONDS
        while time.monotonic() < until:
            found = [mail for mail in self.stack.cloud.mails() if mail["To"] == [email] and subject in mail["Subject"]]
            if found:
                return found[-1]
            time.sleep(0.1)
        raise Failure(f"no mail to {email} within {_MAIL_SECONDS} s: does `deliver` run, and does the stream wake it?")

    def token_mailed_to(self, email: str) -> str:
        """The token in the fragment of the link."""
        mail = self.mail_to(email, "")
        if SENDER not in mail["Source"]:
            raise Failure(f"the mail is from {mail['Source']}, not from {SENDER}")
        found = re.search(re.escape(LINK) + r"#([\w.:~-]+)", mail["BodyText"])
        if not found:
            raise Failure(f"the mail has no link to {LINK}: {mail['BodyText']}")
        return found[1]
