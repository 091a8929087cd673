import type { ClientRole, GivenRole } from "../api/client";
import { folded } from "../words/folded";
import type { Words } from "../words/fr";
import { cleanAddress, cleanName, isAddress, type Recipient, recipients } from "./address";
import {
  type Chosen,
  type Column,
  columnsOf,
  headingOf,
  holdsAddress,
  isInactive,
  mentionsAddress,
  USES,
  type Use,
} from "./columns";
import { roleNamed } from "./role-words";
import { isDamaged, type Row, readRows } from "./table";

/** One person of a list of people to invite. */
export interface Line {
  /** The line number, from 1. Several people on one line share it. */
  number: number;
  /** The address, or what stands in its place. */
  email: string;
  name: string;
  role: GivenRole | undefined;
  /** Why the line cannot be sent. */
  fault: Fault | undefined;
}

export type Fault =
  | "unclosed"
  | "damaged"
  | "several"
  | "no-address"
  | "duplicate"
  | "inactive"
  | { unknownRole: string };

/** A list as the page understands it. */
export interface List {
  lines: Line[];
  /** The columns, unless each line holds addresses only. */
  columns: Column[];
  /** The line of the headings, from 1. */
  heading: number | undefined;
  /** The words for a role that the user must explain, once each. */
  unknownRoles: string[];
}

export interface Reading {
  /** The role of a line without one. */
  fallback: GivenRole;
  roles: readonly GivenRole[];
  /** The languages of the names of the roles. */
  words: readonly Words[];
  /** The roles that the client defines. */
  own?: readonly ClientRole[];
  /** The uses of columns that the user chose. */
  chosen?: Chosen;
  /** The roles that the user chose for unknown words, by `folded`. */
  meanings?: ReadonlyMap<string, GivenRole>;
}

/** Reads address, name and role from pasted text or a CSV file. The headings decide what a column holds; without them, the cells do. */
export function readList(text: string, reading: Reading): List {
  const rows = readRows(text);
  const heading = headingOf(rows);
  const data = heading ? rows.filter((row) => row.number > heading.number || mentionsAddress(row)) : rows;
  const isList = (row: Row) => heading === undefined && peopleOf(row).length > 0;
  const table = data.filter((row) => !isList(row));
  const known = (word: string) => roleNamed(word, reading.roles, reading.words, reading.own);
  const columns = columnsOf(heading, table, (cell) => known(cell) !== undefined, reading.chosen ?? new Map());
  const read = (row: Row) =>
    isList(row) ? listLines(row, reading.fallback) : [tableLine(row, columns, reading)];
  const hasColumns = heading !== undefined || table.some(({ cells }) => cells.filter(Boolean).length > 1);
  const unknown = table.map((row) => fieldsOf(row, columns).role).filter((word) => word && !known(word));
  return {
    lines: withoutDuplicates(data.flatMap(read)),
    columns: hasColumns ? columns : [],
    heading: heading?.number,
    unknownRoles: [...new Map(unknown.map((word) => [folded(word), word])).values()],
  };
}

/** What the user corrected in a line, by `lineKey`. */
export type Fixes = ReadonlyMap<string, { email?: string; role?: GivenRole }>;

/** Identifies a line while the list stays as it is. */
export const lineKey = ({ number, email }: Line) => `${number} ${email}`;

/** The lines with the corrections of the user. */
export function withFixes(lines: readonly Line[], fixes: Fixes): { key: string; line: Line }[] {
  const keys = lines.map(lineKey);
  const fixed = lines.map((line) => {
    const fix = fixes.get(lineKey(line));
    // A repeated address is repeated only as long as the other line has it.
    const fault = line.fault === "duplicate" ? undefined : line.fault;
    if (!fix) return { ...line, fault };
    const email = fix.email === undefined ? line.email : cleanAddress(fix.email);
    const role = fix.role ?? line.role;
    const isKnown = role !== undefined || typeof fault !== "object";
    return { ...line, email, role, fault: faultOf(email, isKnown ? undefined : fault) };
  });
  return withoutDuplicates(fixed).map((line, index) => ({ key: keys[index] ?? "", line }));
}

const faultOf = (email: string, other: Fault | undefined): Fault | undefined =>
  isAddress(email) ? other : "no-address";

/** The people of a row that holds nothing else. */
function peopleOf({ cells }: Row): Recipient[] {
  const filled = cells.filter((cell) => cell.trim());
  const people = filled.map(recipients);
  return people.every(({ length }) => length > 0) ? people.flat() : [];
}

/** Several people on one line are a line each. */
function listLines(row: Row, role: GivenRole): Line[] {
  const fault = rowFault(row, row.cells);
  return peopleOf(row).map((person) => ({ number: row.number, ...person, role, fault }));
}

function tableLine(
  row: Row,
  columns: readonly Column[],
  { fallback, roles, words, ...reading }: Reading,
): Line {
  const { email: cell, name, first, last, role: word, status } = fieldsOf(row, columns);
  const [person, ...others] = recipients(cell);
  const email = person?.email ?? (cleanAddress(cell) || row.cells.filter(Boolean).join(" · "));
  const role = word
    ? (roleNamed(word, roles, words, reading.own) ?? reading.meanings?.get(folded(word)))
    : fallback;
  // Without headings, an address in another column may be one more person, unless the user said what that column is.
  const strays = row.cells.filter((other, index) => {
    const column = columns[index];
    return column?.use !== "email" && !column?.heading && !column?.isChosen && holdsAddress(other);
  });
  const fault: Fault | undefined =
    rowFault(row, [cell, name, first, last, word]) ??
    (others.length + strays.length > 0 || person?.name.includes("@") ? "several" : undefined) ??
    (person ? undefined : "no-address") ??
    (isInactive(status) ? "inactive" : undefined) ??
    (role ? undefined : { unknownRole: word });
  const whole = cleanName(name) || cleanName(`${first} ${last}`) || (person?.name ?? "");
  return { number: row.number, email, name: whole, role, fault };
}

function rowFault({ unclosed }: Row, used: readonly string[]): Fault | undefined {
  if (unclosed) return "unclosed";
  return used.some(isDamaged) ? "damaged" : undefined;
}

/** The cells of a row by their use. */
function fieldsOf({ cells }: Row, columns: readonly Column[]): Record<Use, string> {
  const at = (use: Use) => (cells[columns.findIndex((column) => column.use === use)] ?? "").trim();
  return Object.fromEntries(USES.map((use) => [use, at(use)])) as Record<Use, string>;
}

/** Marks each person after the first with the same address. */
function withoutDuplicates(lines: Line[]): Line[] {
  const seen = new Set<string>();
  return lines.map((line) => {
    if (line.fault) return line;
    const key = line.email.toLowerCase();
    if (seen.has(key)) return { ...line, fault: "duplicate" };
    seen.add(key);
    return line;
  });
}

/** A pasted text without some of its lines, by their numbers from 1. */
export function withoutLines(text: string, numbers: ReadonlySet<number>): string {
  const lines = text.split(/\r\n?|\n/);
  return lines.filter((_, index) => !numbers.has(index + 1)).join("\n");
}
