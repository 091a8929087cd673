import { expect, test } from "vitest";
import { announcement as announcementEn } from "../../src/words/announcement-en";
import { announcement as announcementFr } from "../../src/words/announcement-fr";
import { dayOf, endOfDay, formats, plusMonths, startOfDay } from "../../src/words/dates";
import { en } from "../../src/words/en";
import { fr } from "../../src/words/fr";
import { changes as changesEn } from "../../src/words/history-en";
import { changes as changesFr } from "../../src/words/history-fr";
import { invite as inviteEn } from "../../src/words/invite-en";
import { invite as inviteFr } from "../../src/words/invite-fr";
import { owner as ownerEn } from "../../src/words/owner-en";
import { owner as ownerFr } from "../../src/words/owner-fr";
import { counted } from "../../src/words/plural";
import { roles as rolesEn } from "../../src/words/roles-en";
import { roles as rolesFr } from "../../src/words/roles-fr";
import { support as supportEn } from "../../src/words/support-en";
import { support as supportFr } from "../../src/words/support-fr";
import { waiting as waitingEn } from "../../src/words/waiting-en";
import { waiting as waitingFr } from "../../src/words/waiting-fr";

test("zero is singular in French and plural in English", () => {
  expect(counted("fr", 0, "siège", "sièges")).toBe("0 siège");
  expect(counted("en", 0, "seat", "seats")).toBe("0 seats");
  expect(counted("fr", 2, "siège", "sièges")).toBe("2 sièges");
  expect(counted("en", 1, "seat", "seats")).toBe("1 seat");
});

test("a relative time uses its largest unit", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  expect(formats("en").relative("2026-12-14T12:00:00Z", now)).toBe("in 3 weeks");
  expect(formats("fr").relative("2026-11-22T11:00:00Z", now)).toBe("hier");
  expect(formats("en").relative("2026-11-23T11:59:59.600Z", now)).toBe("now");
});

test("a day begins and ends by the clock of this device", () => {
  expect(startOfDay("2027-06-30")).toBe("2027-06-29T22:00:00Z");
  expect(endOfDay("2027-06-30")).toBe("2027-06-30T21:59:00Z");
  expect(dayOf(endOfDay("2027-06-30"))).toBe("2027-06-30");
  expect(dayOf("0999-06-30T18:00:00Z")).toBe("0999-06-30");
});

test("some months later is the same time of day, and never a day of the month after", () => {
  expect(plusMonths(new Date("2027-01-31T21:59:00Z"), 1)).toBe("2027-02-28T21:59:00Z");
  // Daylight saving time began in between.
  expect(plusMonths(new Date("2027-03-15T16:00:00Z"), 3)).toBe("2027-06-15T15:00:00Z");
});

test("a time that is none is shown as it is and breaks no page (fault 24)", () => {
  const { day, moment, relative } = formats("fr");
  for (const shown of [day, moment, relative]) expect(shown("275760-06-30T18:00:00Z")).not.toBe("");
});

test("every longer text of the page differs between French and English", () => {
  const same = (a: unknown, b: unknown, path: string): string[] => {
    if (typeof a === "string") return a === b && a.length > 12 ? [path] : [];
    if (typeof a !== "object" || a === null) return [];
    return Object.entries(a).flatMap(([name, value]) =>
      same(value, (b as Record<string, unknown>)[name], `${path}.${name}`),
    );
  };
  // The catalogue has its own names, which may be the same.
  const own = ({ roles, roleHelp, entities, actions, ...rest }: typeof fr) => rest;
  const french = [own(fr), announcementFr, changesFr, inviteFr, ownerFr, rolesFr, supportFr, waitingFr];
  expect(
    same(
      french,
      [own(en), announcementEn, changesEn, inviteEn, ownerEn, rolesEn, supportEn, waitingEn],
      "words",
    ),
  ).toEqual([]);
});

test.skipIf(process.env.COULISSES_CATALOGUE)(
  "the help of a role names personal data, and exports where the role has them or not",
  () => {
    const { custom: _fr, unknown: _none, ...french } = fr.roleHelp;
    const { custom: _en, unknown: _nothing, ...english } = en.roleHelp;
    for (const text of Object.values(french)) expect(text).toMatch(/données personnelles.*export/);
    for (const text of Object.values(english)) expect(text).toMatch(/personal data.*export/);
  },
);
