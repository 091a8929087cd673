import { dsvFormat } from "d3-dsv";
import type { GivenRole } from "../api/client";
import type { Words } from "../words/fr";

/** One line of a list of people to invite. */
export interface Line {
  /** The line number, from 1. */
  number: number;
  email: string;
  name: string;
  role: GivenRole | undefined;
  /** Why the line cannot be sent. */
  fault: "no-address" | "duplicate" | { unknownRole: string } | undefined;
}

/** Rejects obvious mistakes; the API decides what a valid address is. */
const ADDRESS = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/;

/** `Léa Martin <lea@example.org>`, as mail programs copy it. */
const NAMED = /^(.*)<([^<>]+)>$/;

/**
 * Reads address, name and role from pasted text or a CSV file. A header line may set the order of the columns. A line
 * without a role gets `fallback`. Roles have the API's names or those of either language of the page.
 */
export function readLines(
  text: string,
  fallback: GivenRole,
  roles: readonly GivenRole[],
  words: readonly Words[],
): Line[] {
  const parsed = dsvFormat(delimiter(text)).parseRows(text.replace(/^\uFEFF/, ""));
  const numbered = parsed.map((cells, index) => ({ cells, number: index + 1 }));
  const data = numbered.filter(({ cells }) => cells.some((cell) => cell.trim()));
  const order = columnOrder(data[0]?.cells ?? []);
  const seen = new Set<string>();
  return (order ? data.slice(1) : data).map(({ cells, number }) => {
    const { email, name, role } = fields(cells, order ?? { email: 0, name: 1, role: 2 });
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

/** Decodes a file as UTF-8 or, failing that, as Windows-1252, which spreadsheets write in Western Europe. */
export function textOf(bytes: ArrayBuffer | Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** The column separator of the first line: tab, as pasted from a spreadsheet, semicolon or comma. */
function delimiter(text: string): string {
  const [first = ""] = text.trim().split("\n", 1);
  return ["\t", ";", ","].find((each) => first.includes(each)) ?? ";";
}

type Order = Record<"email" | "name" | "role", number>;

/** The order of the columns if the line is a header: it has a known heading and no address. */
function columnOrder(cells: readonly string[]): Order | undefined {
  if (cells.some((cell) => cell.includes("@"))) return undefined;
  const at = (pattern: RegExp) => cells.findIndex((cell) => pattern.test(cell.trim()));
  const email = at(/^(e-?mail|courriel|adresse|address)/i);
  return email < 0 ? undefined : { email, name: at(/^(nom|name)/i), role: at(/^r[oô]le/i) };
}

function fields(cells: readonly string[], order: Order): { email: string; name: string; role: string } {
  const cell = (index: number) => (cells[index] ?? "").trim();
  const address = cell(order.email);
  const named = NAMED.exec(address);
  const name = cell(order.name) || (named?.[1] ?? "").trim().replace(/^"|"$/g, "");
  return { email: (named?.[2] ?? address).trim(), name, role: cell(order.role) };
}

function roleNamed(
  text: string,
  roles: readonly GivenRole[],
  words: readonly Words[],
): GivenRole | undefined {
  const name = text.toLocaleLowerCase();
  // A custom role needs rights, and a line has no column for them.
  const choices = roles.filter((role) => role !== "custom");
  return choices.find(
    (role) => role === name || words.some(({ roles }) => roles[role].toLocaleLowerCase() === name),
  );
}
