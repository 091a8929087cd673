import { expect, test } from "vitest";
import { acceptedNames, scopeName } from "../../src/api/scopes";
import { cleanName } from "../../src/invite/address";
import { actorName, displayName } from "../../src/ui/display-name";
import { isolated } from "../../src/ui/isolated";
import { fr } from "../../src/words/fr";

const EVENT = "כנס 2027";
const ISOLATED = `\u2068${EVENT}\u2069`;

test("only a name from right to left is isolated", () => {
  for (const name of [EVENT, "شركة", "3M \u200f", "𞤀"]) expect(isolated(name)).toBe(`\u2068${name}\u2069`);
  for (const name of ["3M", "Léa", "大会", "अ", "\u2068", ""]) expect(isolated(name)).toBe(name);
});

test("names within texts are isolated", () => {
  const person = { email: "lea@example.org", name: EVENT };
  expect(displayName(person)).toBe(ISOLATED);
  expect(actorName({ ...person }, fr)).toBe(ISOLATED);
  expect(scopeName(new Map([["acme", EVENT]]), false, "acme", fr.levels)).toBe(ISOLATED);
  const accepted = { client: { id: "acme", name: EVENT }, scopes: [] };
  const preview = { grants: [] as never[] };
  expect(acceptedNames(accepted as never, preview as never)).toEqual([ISOLATED]);
});

test("a name keeps the invisible characters that are part of it", () => {
  const scottish = "Eilidh 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}";
  expect(cleanName(` ${scottish}\ufeff`)).toBe(scottish);
  expect(cleanName("\u200bחברה\u200f")).toBe("חברה\u200f");
  expect(cleanName("\u2068חברה\u2069")).toBe("חברה");
});
