import { dsvFormat } from "d3-dsv";
import type { GivenRole } from "../api/client";
import type { Words } from "../words/fr";

/** One line of a list of people to invite. */
export interface Line {
  /** Which line it is, counted from 1. */
  number: number;
  email: string;
  name: string;
  role: GivenRole | undefined;
  /** Why it cannot be sent as it stands. */
  fault: "no-address" | "duplicate" | { unknownRole: string } | undefined;
}

/** Enough to see that something is no address; what one is, the API decides. */
const ADDRESS = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/;

/** `Léa Martin <lea@example.org>`, as mail programs copy it. */
const NAMED = /^(.*)<([^<>]+)>$/;

/**
 * Reads people from pasted text or a CSV file: address, name, role, in columns of which a heading may say the order.
 * A line without a role gets `fallback`; roles are named as the API does or as either language of the page does.
 */
export function readLines(
  text: string,
  fallback: GivenRole,
  roles: readonly GivenRole[],
  words: readonly Words[],
): Line[] {
  const written = dsvFormat(delimiter(text)).parseRows(text.replace(/^\uFEFF/, ""));
  const numbered = written.map((cells, index) => ({ cells, number: index + 1 }));
  const data = numbered.filter(({ cells }) => cells.some((cell) => cell.trim()));
  const order = headings(data[0]?.cells ?? []);
  const seen = new Set<string>();
  return (order ? data.slice(1) : data).map(({ cells, number }) => {
    const { email, name, role } = person(cells, order ?? { email: 0, name: 1, role: 2 });
    const found = role ? roleNamed(role, roles, words) : fallback;
    const key = email.toLowerCase();
    const duplicate = seen.has(key);
    seen.add(key);
    const line = { number, email, name, role: found };
    if (!ADDRESS.test(email)) return { ...line, fault: "no-address" as const };
    if (duplicate) return { ...line, fault: "duplicate" as const };
    return { ...line, fault: found ? undefined : { unknownRole: role } };
  });
}

/** A file's text: in UTF-8, or else as spreadsheets write it on a Western European Windows. */
export function textOf(bytes: ArrayBuffer | Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** What stands between the columns: whichever the first line has, a spreadsheet's tab before the others. */
function delimiter(text: string): string {
  const [first = ""] = text.trim().split("\n", 1);
  return ["\t", ";", ","].find((each) => first.includes(each)) ?? ";";
}

type Order = Record<"email" | "name" | "role", number>;

/** Which column is which, by the headings that people use; nothing if the first line has none of them, or an address. */
function headings(cells: readonly string[]): Order | undefined {
  if (cells.some((cell) => cell.includes("@"))) return undefined;
  const at = (pattern: RegExp) => cells.findIndex((cell) => pattern.test(cell.trim()));
  const email = at(/^(e-?mail|courriel|adresse|address)/i);
  return email < 0 ? undefined : { email, name: at(/^(nom|name)/i), role: at(/^r[oô]le/i) };
}

function person(cells: readonly string[], order: Order): { email: string; name: string; role: string } {
  const cell = (index: number) => (cells[index] ?? "").trim();
  const written = cell(order.email);
  const named = NAMED.exec(written);
  const name = cell(order.name) || (named?.[1] ?? "").trim().replace(/^"|"$/g, "");
  return { email: (named?.[2] ?? written).trim(), name, role: cell(order.role) };
}

function roleNamed(
  said: string,
  roles: readonly GivenRole[],
  words: readonly Words[],
): GivenRole | undefined {
  const wanted = said.toLocaleLowerCase();
  // A custom role needs its rights, which a line has no place for.
  const choices = roles.filter((role) => role !== "custom");
  return choices.find(
    (role) => role === wanted || words.some(({ roles }) => roles[role].toLocaleLowerCase() === wanted),
  );
}
