import { expect, test } from "vitest";
import { readCatalogue } from "../../catalogue.ts";
import type { ClientRole, GivenRole } from "../../src/api/client";
import { inOrder, PERMISSIONS } from "../../src/api/permissions";
import { GRANTABLE } from "../../src/api/roles";
import { defaultRole } from "../../src/grid/role-fields";
import { roleNamed } from "../../src/invite/role-words";
import { draftOf, faultsOf, keyFor, NEW, settingsOf } from "../../src/roles/draft";
import { differenceOf } from "../../src/ui/role-difference";
import { en } from "../../src/words/en";
import { fr } from "../../src/words/fr";

/** A test that names roles or permissions of the shipped catalogue. */
const shipped = test.skipIf(process.env.COULISSES_CATALOGUE);

test("the page has the entities, actions and roles of the catalogue, in its order and in both languages", () => {
  const { entities, roles, actions } = readCatalogue();
  const named = entities.flatMap(({ name, actions }) => actions.map((action) => `${name}:${action}`));
  expect(PERMISSIONS).toEqual(named);
  expect(["owner", ...GRANTABLE]).toEqual(roles.map(({ key }) => key));
  for (const [words, locale] of [
    [fr, "fr"],
    [en, "en"],
  ] as const) {
    for (const { key, name, description } of roles) {
      expect(words.roles[key]).toBe(name[locale]);
      expect(words.roleHelp[key]?.replaceAll("\u00a0", " ")).toBe(description[locale]);
    }
    for (const { name, label } of entities) expect(words.entities[name]).toBe(label[locale]);
    for (const [name, label] of Object.entries(actions)) expect(words.actions[name]).toBe(label[locale]);
  }
});

shipped(
  "a line of French does not break before a colon, though the catalogue has a plain space there",
  () => {
    expect(fr.roleHelp.owner).toMatch(/^Tout\u00a0: /);
  },
);

const own = (key: string, french: string, english: string): ClientRole => ({
  key,
  name: { fr: french, en: english },
  description: null,
  permissions: ["contacts:view"],
  levels: ["event"],
  source: "client",
  offered: true,
  version: 1,
});

shipped("a word means a role of the client only by its exact name or key", () => {
  const desk = own("front", "Accueil", "Front desk");
  const reader = own("lectrice", "Lecteur", "Reading");
  const of = (word: string, ...defined: ClientRole[]) => {
    const roles: GivenRole[] = ["administrator", "reader", ...defined.map(({ key }) => key)];
    return roleNamed(word, roles, [fr, en], defined);
  };
  for (const word of ["Accueil", "ACCUEIL", "front desk", "front"])
    expect(of(word, desk), word).toBe("front");
  expect(of("accueils", desk)).toBeUndefined();
  expect(of("Lectrices", desk)).toBe("reader");
  // Two roles with one name are a question, and an exact name comes before another form.
  expect(of("Lecteur", reader)).toBeUndefined();
  expect(of("Lectrice", reader)).toBe("lectrice");
  expect(of("Admin", own("admin", "Direction", "Directors"))).toBe("admin");
  // A role that is not offered here is not known.
  expect(roleNamed("Accueil", ["reader"], [fr, en], [desk])).toBeUndefined();
});

test("the role chosen at first is one of the catalogue, if it offers one", () => {
  expect(defaultRole(["administrator", "custom", "front"])).toBe("administrator");
  expect(defaultRole(["custom", "front"])).toBe("front");
  expect(defaultRole(["custom"])).toBe("custom");
});

shipped("a new role's key comes from its name, and is unlike those that are taken", () => {
  const key = (french: string, english = "", ...taken: string[]) =>
    keyFor({ fr: french, en: english }, new Set(taken));
  expect(key("Accueil")).toBe("accueil");
  expect(key("Sécurité & Œuvres")).toBe("securite-oeuvres");
  expect(key("", "Front desk")).toBe("front-desk");
  expect(key("Accueil", "", "accueil")).toBe("accueil-2");
  expect(key("Administrator")).toBe("administrator-2");
  expect(key("受付", "Desk")).toBe("desk");
  expect(key("受付")).toBe("");
  expect(key("x".repeat(100)).length).toBeLessThanOrEqual(32);
});

test("a role needs both names, a level and a right, and its description is in both languages or none", () => {
  expect(faultsOf(NEW, "", new Set())).toEqual({ name: "name", permissions: "permissions" });
  const draft = draftOf(own("front", "Accueil", "Front desk"));
  expect(faultsOf(draft, undefined, new Set())).toEqual({});
  expect(faultsOf(draft, "Front", new Set())).toEqual({ key: "key" });
  expect(faultsOf(draft, "front", new Set(["front"]))).toEqual({ key: "taken" });
  const half = { ...draft, description: { fr: "Accueille.", en: " " }, levels: [] };
  expect(faultsOf(half, undefined, new Set())).toEqual({ description: "description", levels: "levels" });
  expect(settingsOf(draft).description).toBeNull();
});

shipped("a difference names what was added, then what was taken", () => {
  const before = own("front", "Accueil", "Front desk");
  const after = { ...before, permissions: ["checkin:view", "checkin:scan"], levels: ["event", "community"] };
  expect(differenceOf(before, after as ClientRole, fr)).toBe(
    "+ voir (Accueil), + scanner (Accueil), + communauté, − voir (Contacts)",
  );
  expect(differenceOf(before, null, en)).toBe("");
});

shipped("permissions are in display order, and one that the page does not know is the last", () => {
  const newer = "tickets:print" as (typeof PERMISSIONS)[number];
  expect(inOrder([newer, "checkin:scan", "contacts:view"])).toEqual(["contacts:view", "checkin:scan", newer]);
});
