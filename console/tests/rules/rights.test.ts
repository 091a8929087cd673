import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sameAddress } from "../../src/api/address";
import type { Collaborator, Grant, OwnAccess } from "../../src/api/client";
import { PERMISSIONS, toggled } from "../../src/api/permissions";
import { held, lineage, owns, topmost } from "../../src/api/scopes";
import { taking } from "../../src/grid/grants";

test("the catalogue of the page is the API's", () => {
  const contract = readFileSync("../infra/openapi.yaml", "utf8");
  const named = contract.match(/^ {8}- [a-z]+:[a-z]+$/gm)?.map((line) => line.trim().slice(2)) ?? [];
  expect(named.length).toBeGreaterThanOrEqual(30);
  expect([...PERMISSIONS].sort()).toEqual([...new Set(named)].sort());
});

test("every action brings its entity's view, and without view none remains", () => {
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

test("what is held reaches down, and neither up nor to a sister", () => {
  expect([...held(ACCESS, "acme:tech:devdays")]).toEqual(["contacts:view"]);
  expect(held(ACCESS, "acme:tech:summit").has("access:manage")).toBe(true);
  expect(held(ACCESS, "acme:tech").has("access:manage")).toBe(false);
  expect(held(ACCESS, "acme").size).toBe(0);
  expect(held(ACCESS, "acme:techno").size).toBe(0);
  expect(held(ACCESS, "other:tech").size).toBe(0);
});

test("ownership counts where it stands, as it is handed over there alone", () => {
  expect(owns(ACCESS, "acme:rh")).toBe(true);
  expect(owns(ACCESS, "acme:rh:alumni")).toBe(false);
  expect(owns(ACCESS, "acme:tech")).toBe(false);
});

test("the tree is read from the topmost scopes alone", () => {
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

const person = (...grants: Grant[]): Collaborator => ({
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

test("taking access here leaves what is above and below; taking it below leaves what is above", () => {
  const all = person(grant("acme"), grant("acme:tech"), grant("acme:tech:summit"), grant("acme:techno"));
  const scopes = (grants: Grant[]) => grants.map(({ scope }) => scope);
  expect(scopes(taking(all, "acme:tech", false).goes)).toEqual(["acme:tech"]);
  expect(scopes(taking(all, "acme:tech", false).remains)).toEqual([
    "acme",
    "acme:tech:summit",
    "acme:techno",
  ]);
  expect(scopes(taking(all, "acme:tech", true).goes)).toEqual(["acme:tech", "acme:tech:summit"]);
});

test("an owner's access is not taken, and what has ended does not remain", () => {
  const owner = person(grant("acme", "owner"), grant("acme:tech"));
  expect(taking(owner, "acme", true)).toMatchObject({ goes: [], owns: true });
  const ended = person(grant("acme"), grant("acme:tech", "reader", "2020-01-01T00:00:00Z"));
  expect(taking(ended, "acme", false).remains).toEqual([]);
});

test("an address is the same in capitals and with its domain by IDNA, and no other", () => {
  expect(sameAddress("Lea@BÜCHER.example", "lea@xn--bcher-kva.example")).toBe(true);
  expect(sameAddress("lea@example.org", "lea+x@example.org")).toBe(false);
  expect(sameAddress("lea@example.org", "mlea@example.org")).toBe(false);
});
