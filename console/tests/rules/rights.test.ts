import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sameAddress } from "../../src/api/address";
import type { Collaborator, Grant, InvitationPreview, OwnAccess, Scope } from "../../src/api/client";
import { PERMISSIONS, toggled } from "../../src/api/permissions";
import {
  acceptedNames,
  lineage,
  ownsScope,
  permissionsAt,
  reachOf,
  scopeName,
  topmost,
  visibleScopes,
  withSupport,
} from "../../src/api/scopes";
import { grantsElsewhere, revocationPreview, suggestsBelow } from "../../src/grid/grants";
import { en } from "../../src/words/en";
import { fr } from "../../src/words/fr";

/** A test that names roles or permissions of the shipped catalogue. */
const shipped = test.skipIf(process.env.COULISSES_CATALOGUE);

shipped("the page has the same permissions as the API", () => {
  const contract = readFileSync("../infra/openapi.yaml", "utf8");
  const named = contract.match(/^ {8}- [a-z]+:[a-z]+$/gm)?.map((line) => line.trim().slice(2)) ?? [];
  expect(named.length).toBeGreaterThanOrEqual(30);
  expect([...PERMISSIONS].sort()).toEqual([...new Set(named)].sort());
});

shipped("every action adds its entity's view, and removing view removes them all", () => {
  const some = toggled(new Set(), "contacts:export");
  expect([...some].sort()).toEqual(["contacts:export", "contacts:view"]);
  expect([...toggled(some, "contacts:export")]).toEqual(["contacts:view"]);
  expect([...toggled(some, "contacts:view")]).toEqual([]);
});

const ACCESS: OwnAccess = {
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
      scopes: [
        { scope: "acme:tech", role: "reader", permissions: ["contacts:view"] },
        {
          scope: "acme:tech:summit",
          role: "administrator",
          permissions: ["access:manage", "access:view", "contacts:view"],
        },
        { scope: "acme:rh", role: "owner", permissions: ["access:manage"] },
      ],
    },
  ],
};

test("permissions apply to lower levels, but not to parents or siblings", () => {
  expect([...permissionsAt(ACCESS, "acme:tech:devdays")]).toEqual(["contacts:view"]);
  expect(permissionsAt(ACCESS, "acme:tech:summit").has("access:manage")).toBe(true);
  expect(permissionsAt(ACCESS, "acme:tech").has("access:manage")).toBe(false);
  expect(permissionsAt(ACCESS, "acme").size).toBe(0);
  expect(permissionsAt(ACCESS, "acme:techno").size).toBe(0);
  expect(permissionsAt(ACCESS, "other:tech").size).toBe(0);
});

test("only the owner of a scope itself owns it, not the owner of a parent", () => {
  expect(ownsScope(ACCESS, "acme:rh")).toBe(true);
  expect(ownsScope(ACCESS, "acme:rh:alumni")).toBe(false);
  expect(ownsScope(ACCESS, "acme:tech")).toBe(false);
});

test("the tree is loaded from the topmost scopes only", () => {
  expect(topmost(ACCESS.access[0]?.scopes ?? [])).toEqual(["acme:rh", "acme:tech"]);
  expect(lineage("acme:tech:summit")).toEqual(["acme", "acme:tech", "acme:tech:summit"]);
});

const grant = (scope: string, role: Grant["role"] = "reader", expiresAt: string | null = null): Grant => ({
  scope,
  level: "audience",
  inherited: false,
  role,
  permissions: [],
  grantedBy: { platform: true },
  grantedAt: "2026-11-22T12:00:00Z",
  expiresAt,
  endsAt: expiresAt,
  overridden: false,
});

const collaborator = (...grants: Grant[]): Collaborator => ({
  id: "x",
  email: "lea@example.org",
  name: null,
  status: "active",
  role: null,
  grants,
  permissions: [],
  lastLoginAt: null,
  version: 1,
});

test("revoking here keeps grants above and below; revoking below too keeps only those above", () => {
  const all = collaborator(
    grant("acme"),
    grant("acme:tech"),
    grant("acme:tech:summit"),
    grant("acme:techno"),
  );
  const scopes = (grants: Grant[]) => grants.map(({ scope }) => scope);
  expect(scopes(revocationPreview(all, "acme:tech", false).removed)).toEqual(["acme:tech"]);
  expect(scopes(revocationPreview(all, "acme:tech", false).remaining)).toEqual([
    "acme",
    "acme:tech:summit",
    "acme:techno",
  ]);
  expect(scopes(revocationPreview(all, "acme:tech", true).removed)).toEqual([
    "acme:tech",
    "acme:tech:summit",
  ]);
});

test("access at another event of the client remains, so that an event is not all there was", () => {
  const alice = collaborator(grant("acme:tech:summit"), grant("acme:tech:devdays"), grant("acme:rh:alumni"));
  const { removed, remaining } = revocationPreview(alice, "acme:tech:summit", false);
  expect([removed.length, remaining.length]).toEqual([1, 2]);
});

test("access from a higher level is distinguished from access at lower levels", () => {
  const hugo = collaborator(grant("acme"), grant("acme:tech:summit"), grant("acme:techno"));
  const { above, below } = grantsElsewhere(hugo, "acme:tech");
  expect([above, below].map((grants) => grants.map(({ scope }) => scope))).toEqual([
    ["acme"],
    ["acme:tech:summit"],
  ]);
});

test("the lower levels are proposed exactly if nothing stands at the level itself", () => {
  const [here, below, above] = ["acme:tech", "acme:tech:summit", "acme"].map((at) => collaborator(grant(at)));
  const proposed = (...of: (typeof here)[]) =>
    suggestsBelow(
      of.flatMap((each) => each ?? []),
      "acme:tech",
    );
  expect(proposed(below)).toBe(true);
  expect(proposed(below, above)).toBe(true);
  expect(proposed(below, here)).toBe(false);
  expect(proposed(above)).toBe(false);
});

test("an owner's access is not removed, and expired grants do not remain", () => {
  const owner = collaborator(grant("acme", "owner"), grant("acme:tech"));
  expect(revocationPreview(owner, "acme", true)).toMatchObject({ removed: [], isOwner: true });
  const ended = collaborator(grant("acme"), grant("acme:tech", "reader", "2020-01-01T00:00:00Z"));
  expect(revocationPreview(ended, "acme", false).remaining).toEqual([]);
});

test("an address matches in capitals and with an IDNA domain, and matches no other address", () => {
  expect(sameAddress("Lea@BÜCHER.example", "lea@xn--bcher-kva.example")).toBe(true);
  expect(sameAddress("lea@example.org", "lea+x@example.org")).toBe(false);
  expect(sameAddress("lea@example.org", "mlea@example.org")).toBe(false);
});

test("after accepting, the page names what was given, not the client above it", () => {
  const client = {
    id: "acme",
    name: "Acme",
    logoUrl: null,
    accentColor: null,
    timeZone: null,
    platformUrl: null,
  };
  const preview: InvitationPreview = {
    client,
    invitedBy: { platform: true },
    email: "lea@example.org",
    grants: [
      { scope: "acme:tech:jazz", name: "Jazz", role: "reader", roleName: null, platformUrl: null },
      { scope: "acme:tech:expo", name: "Expo", role: "reader", roleName: null, platformUrl: null },
    ],
    expiresAt: "2027-11-22T12:00:00Z",
  };
  const accepted = (...scopes: string[]) =>
    acceptedNames(
      { client, scopes: scopes.map((scope) => ({ scope, role: "reader", platformUrl: null })) },
      preview,
    );
  expect(accepted("acme:tech:jazz", "acme:tech:expo")).toEqual(["Jazz", "Expo"]);
  // Access revoked in the meantime is not named, and neither is access from a scope with an unknown name.
  expect(accepted("acme:tech:expo", "acme:rh")).toEqual(["Expo"]);
  expect(accepted("acme:rh")).toEqual(["Acme"]);
});

test("one more role is confirmed with the events and communities that it counts for", () => {
  const scopes = (
    [
      ["acme", "client"],
      ["acme:tech", "audience"],
      ["acme:tech:summit", "event"],
      ["acme:tech:devdays", "event"],
      ["acme:rh", "audience"],
      ["acme:rh:alumni", "community"],
    ] as const
  ).map(([id, level]) => ({ id, level, name: id }));
  expect(reachOf(scopes, "acme")).toEqual({ events: 2, communities: 1 });
  expect(reachOf(scopes, "acme:tech:summit")).toEqual({ events: 0, communities: 0 });
  expect(fr.role.at("Acme", reachOf(scopes, "acme"))).toBe("Sur Acme (2 événements et 1 communauté).");
  expect(en.role.at("Acme Summit", { events: 0, communities: 0 })).toBe("On Acme Summit.");
});

test("a page shows a name, nothing while names load, or the level, but never an id", () => {
  const names = new Map([["acme", "Acme"]]);
  const shown = (scope: string, isLoading: boolean) => scopeName(names, isLoading, scope, fr.levels);
  expect(shown("acme", true)).toBe("Acme");
  expect(shown("acme:salons", true)).toBe("");
  expect(shown("acme:salons", false)).toBe("Groupe d’événements");
});

test("support reads every scope, and changes what their own access allows", () => {
  const access: OwnAccess = { ...ACCESS, support: true };
  expect([...permissionsAt(access, "elsewhere:tech")].sort()).toEqual(["access:view", "history:view"]);
  for (const at of ["acme", "acme:tech:summit"]) {
    const own = permissionsAt(ACCESS, at);
    expect(permissionsAt(access, at)).toEqual(new Set([...own, "access:view", "history:view"]));
  }
  const below = [{ id: "expo:wine", level: "audience", name: "Wine", platformUrl: null }];
  const client = { id: "expo", level: "client", name: "Expo", below } as Scope;
  const { scopes, names } = visibleScopes(withSupport(access, client));
  expect(scopes.filter(({ id }) => id.startsWith("expo")).map(({ name }) => name)).toEqual(["Expo", "Wine"]);
  expect(names.get("acme")).toBe("Acme");
});
