import { expect, test } from "vitest";
import { scopeName, visibleScopes } from "../../src/api/scopes";

const held = (scope: string) => ({ scope, role: "observer" as const, permissions: [] });
const label = (id: string, level: "audience" | "event", name: string) => ({
  id,
  level,
  name,
  platformUrl: null,
});

test("a user sees the scopes of their roles and below, and knows the names above", () => {
  const { scopes, names } = visibleScopes({
    access: [
      {
        client: {
          id: "acme",
          name: "Acme",
          logoUrl: null,
          accentColor: null,
          timeZone: null,
          platformUrl: null,
        },
        collaborator: "nf2kqtz6sx4m7wdj3hvb5yacre",
        scopes: [held("acme:rh"), held("acme:tech:summit")],
        tree: [
          label("acme:rh", "audience", "RH"),
          label("acme:rh:gala", "event", "Gala"),
          label("acme:tech", "audience", "Tech"),
          label("acme:tech:summit", "event", "Summit"),
        ],
      },
    ],
  });
  expect(scopes.map(({ id }) => id)).toEqual(["acme:rh", "acme:rh:gala", "acme:tech:summit"]);
  const levels = { client: "client", audience: "audience", event: "event", community: "community" };
  expect(scopeName(names, false, "acme:tech", levels)).toContain("Tech");
  expect(scopeName(names, false, "acme", levels)).toContain("Acme");
  expect(scopeName(names, false, "acme:other", levels)).toContain("audience");
});
