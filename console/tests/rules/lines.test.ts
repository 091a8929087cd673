import { expect, test } from "vitest";
import type { GivenRole } from "../../src/api/client";
import { readLines, textOf } from "../../src/invite/lines";
import { en } from "../../src/words/en";
import { fr } from "../../src/words/fr";

const ROLES: readonly GivenRole[] = ["administrator", "contributor", "reader", "custom"];
const read = (text: string) => readLines(text, "reader", ROLES, [fr, en]);

test("a line is an address, and the rest may be missing", () => {
  expect(read("lea@example.org")).toEqual([
    { number: 1, email: "lea@example.org", name: "", role: "reader", fault: undefined },
  ]);
});

test("what a spreadsheet, a semicolon and a comma part is read alike", () => {
  for (const text of [
    "lea@example.org\tLéa\treader",
    "lea@example.org;Léa;reader",
    "lea@example.org, Léa, reader",
  ]) {
    expect(read(text)).toMatchObject([{ email: "lea@example.org", name: "Léa", role: "reader" }]);
  }
});

test("a heading says in which order the columns are", () => {
  const lines = read(
    "Rôle;Nom;Adresse e-mail\nLecteur;Léa;lea@example.org\n\nAdministrator;Max;max@example.org",
  );
  expect(lines).toMatchObject([
    { number: 2, email: "lea@example.org", name: "Léa", role: "reader" },
    { number: 4, email: "max@example.org", name: "Max", role: "administrator" },
  ]);
});

test("a first line that is neither a heading nor an address is told of, and not taken for one", () => {
  expect(read("lea.example.org;Léa\nmax@example.org")).toMatchObject([
    { fault: "no-address" },
    { fault: undefined },
  ]);
});

test("an address that begins like a heading is none", () => {
  expect(read("mail@example.org;Max\nadresse@example.org")).toMatchObject([
    { number: 1, email: "mail@example.org" },
    { number: 2, email: "adresse@example.org" },
  ]);
});

test("a file is read in UTF-8, or as Windows writes it", () => {
  expect(textOf(new TextEncoder().encode("Rôle"))).toBe("Rôle");
  expect(textOf(Uint8Array.of(0x52, 0xf4, 0x6c, 0x65))).toBe("Rôle");
});

test("a quoted name may hold what parts the columns", () => {
  expect(read('lea@example.org,"Martin, Léa",reader')).toMatchObject([
    { name: "Martin, Léa", role: "reader" },
  ]);
});

test("an address may come as mail programs copy it", () => {
  expect(read("Léa Martin <lea@example.org>")).toMatchObject([
    { email: "lea@example.org", name: "Léa Martin" },
  ]);
});

test("what Excel puts before a file is no part of it", () => {
  expect(read("\uFEFFlea@example.org;Léa")).toMatchObject([{ email: "lea@example.org", fault: undefined }]);
});

test("a line without an address, twice the same and an unknown role are told of, and the others stand", () => {
  const lines = read("lea@example.org\nnobody\nLEA@example.org\nmax@example.org;Max;chief\nzoe@example.org");
  expect(lines.map(({ fault }) => fault)).toEqual([
    undefined,
    "no-address",
    "duplicate",
    { unknownRole: "chief" },
    undefined,
  ]);
});

test("a custom role is not read from a line, which has no place for its rights", () => {
  expect(read("lea@example.org;;custom")).toMatchObject([{ fault: { unknownRole: "custom" } }]);
});

test("an empty text has no lines", () => {
  expect(read(" \n ")).toEqual([]);
});
