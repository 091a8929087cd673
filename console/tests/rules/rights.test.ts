import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sameAddress } from "../../src/api/address";
import type { Collaborator, Grant, OwnAccess } from "../../src/api/client";
import { PERMISSIONS, toggled } from "../../src/api/permissions";
import { lineage, ownsScope, permissionsAt, topmost } from "../../src/api/scopes";
import { revocationPreview } from "../../src/grid/grants";

test("the page has the same permissions as the API", () => {
  const contract = readFileSync("../infra/openapi.yaml", "utf8");
  const named = contract.match(/^ {8}- [a-z]+:[a-z]+$/gm)?.map((line) => line.trim().slice(2)) ?? [];
  expect(named.length).toBeGreaterThanOrEqual(30);
  expect([...PERMISSIONS].sort()).toEqual([...new Set(named)].sort());
});

test("every action adds its entity's view, and removing view removes them all", () => {
  const some = toggled(new Set(), "contacts:export");
  expect([...some].sort()).toEqual(["contacts:export", "contacts:view"]);
  expect([...toggled(some, "contacts:export")]).toEqual(["contacts:view"]);
  expect([...toggled(some, "contacts:view")]).toEqual([]);
});

const ACCESS: OwnAccess = {
  access: [
    {
      client: { id: "acme", name: "Acme" },
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
