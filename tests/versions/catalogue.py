"""A journey with another catalogue: a trade fair, built and run on this machine."""

from stack import ROOT, Stack, expect

CATALOGUE = ROOT / "tests" / "catalogues" / "trade-fair.toml"
OWNER, LEA, FAIR = "olga@fair.example", "lea@fair.example", "fair:spring:expo"


def main() -> None:
    """Provisions a fair, gives roles that exist only there, and checks permissions that exist only there."""
    with Stack(ROOT, catalogue=CATALOGUE) as stack:
        expo = {"name": "Expo", "kind": "event"}
        stack.provision("fair", OWNER, {"fair:spring": {"name": "Spring"}, FAIR: expo})
        catalogue = stack.call(LEA, "GET", "/v1/catalogue")
        actions = sum(len(entity["actions"]) for entity in catalogue["entities"])
        expect("the catalogue has 71 permissions", actions, 71)
        expect("a client offers the roles of the catalogue", len(stack.call(OWNER, "GET", "/v1/scopes/fair")["roles"]), 10)

        expect("a role of another catalogue is unknown", stack.invite(OWNER, FAIR, LEA, "supervisor"), "invalid-role")
        above = stack.invite(OWNER, "fair:spring", LEA, "hall-manager")
        expect("a role is given only at its levels", above, "role-not-allowed-here")
        expect("a role that exists only here is given", stack.invite(OWNER, FAIR, LEA, "hall-manager"), "pending")
        stack.call(LEA, "POST", "/v1/scopes/fair/logins", {})

        def may(permission: str) -> object:
            answer = stack.call(LEA, "POST", "/v1/checks", {"checks": [{"scope": FAIR, "permission": permission}]})
            return answer["code"] if "code" in answer else answer["results"][0]["allowed"]

        for permission, allowed in [
            ("floor-plan:publish", True),
            ("booths:view", True),
            ("booths:manage", False),
            ("visitors:badge", False),
            ("contacts:view", "invalid-permission"),
        ]:
            expect(f"{permission} is {allowed}", may(permission), allowed)
        role = {
            "name": {"fr": "Vestiaire", "en": "Cloakroom"},
            "permissions": ["gates:scan"],
            "levels": ["event"],
        }
        made = stack.call(OWNER, "PUT", "/v1/scopes/fair/roles/cloakroom", role, if_none_match="*")
        expect("a client defines a role of these permissions", made.get("permissions"), ["gates:scan", "gates:view"])
        team = stack.call(OWNER, "GET", f"/v1/scopes/{FAIR}/collaborators")["collaborators"]
        expect("the list names the role", [row["role"] for row in team if row["email"] == LEA], ["hall-manager"])


if __name__ == "__main__":
    main()
