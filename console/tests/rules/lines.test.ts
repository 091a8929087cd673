import { expect, test } from "vitest";
import type { GivenRole } from "../../src/api/client";
import { readList } from "../../src/invite/lines";
import { textOf } from "../../src/invite/table";
import { en } from "../../src/words/en";
import { fr } from "../../src/words/fr";

/** A test that names roles or permissions of the shipped catalogue. */
const shipped = test.skipIf(process.env.COULISSES_CATALOGUE);

const ROLES: readonly GivenRole[] = ["administrator", "contributor", "reader", "custom"];
const read = (text: string) => readList(text, { fallback: "reader", roles: ROLES, words: [fr, en] }).lines;

test("a line needs only an address", () => {
  expect(read("lea@example.org")).toEqual([
    { number: 1, email: "lea@example.org", name: "", role: "reader", fault: undefined },
  ]);
});

test("columns are separated by tabs, semicolons or commas", () => {
  for (const text of [
    "lea@example.org\tLéa\treader",
    "lea@example.org;Léa;reader",
    "lea@example.org, Léa, reader",
  ]) {
    expect(read(text)).toMatchObject([{ email: "lea@example.org", name: "Léa", role: "reader" }]);
  }
});

shipped("a header sets the order of the columns", () => {
  const lines = read(
    "Rôle;Nom;Adresse e-mail\nLecteur;Léa;lea@example.org\n\nAdministrator;Max;max@example.org",
  );
  expect(lines).toMatchObject([
    { number: 2, email: "lea@example.org", name: "Léa", role: "reader" },
    { number: 4, email: "max@example.org", name: "Max", role: "administrator" },
  ]);
});

test("a first line that is neither a header nor an address is reported", () => {
  expect(read("lea.example.org;Léa\nmax@example.org")).toMatchObject([
    { fault: "no-address" },
    { fault: undefined },
  ]);
});

test("an address that begins like a header is an address", () => {
  expect(read("mail@example.org;Max\nadresse@example.org")).toMatchObject([
    { number: 1, email: "mail@example.org" },
    { number: 2, email: "adresse@example.org" },
  ]);
});

test("a file is UTF-8 or Windows-1252", () => {
  expect(textOf(new TextEncoder().encode("Rôle"))).toBe("Rôle");
  expect(textOf(Uint8Array.of(0x52, 0xf4, 0x6c, 0x65))).toBe("Rôle");
});

test("a quoted name may contain the separator", () => {
  expect(read('lea@example.org,"Martin, Léa",reader')).toMatchObject([
    { name: "Martin, Léa", role: "reader" },
  ]);
});

test("an address may have the form that mail programs copy", () => {
  expect(read("Léa Martin <lea@example.org>")).toMatchObject([
    { email: "lea@example.org", name: "Léa Martin" },
  ]);
});

test("a byte order mark is ignored", () => {
  expect(read("\uFEFFlea@example.org;Léa")).toMatchObject([{ email: "lea@example.org", fault: undefined }]);
});

test("a missing address, a duplicate and an unknown role are reported, and the other lines are kept", () => {
  const lines = read("lea@example.org\nnobody\nLEA@example.org\nmax@example.org;Max;chief\nzoe@example.org");
  expect(lines.map(({ fault }) => fault)).toEqual([
    undefined,
    "no-address",
    "duplicate",
    { unknownRole: "chief" },
    undefined,
  ]);
});

test("a line cannot ask for a custom role, which needs rights", () => {
  expect(read("lea@example.org;;custom")).toMatchObject([{ fault: { unknownRole: "custom" } }]);
});

test("an empty text has no lines", () => {
  expect(read(" \n ")).toEqual([]);
});
