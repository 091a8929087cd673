import { folded } from "../words/folded";
import { recipients } from "./address";
import { isDamaged, type Row } from "./table";

/** The uses of a column. */
export const USES = ["email", "name", "first", "last", "role", "status", "ignored"] as const;
export type Use = (typeof USES)[number];

export interface Column {
  /** Identifies the column while the list is edited. */
  key: string;
  heading: string;
  /** The first value, for a column without a heading. */
  sample: string;
  /** Undefined if the user must choose. */
  use: Use | undefined;
  isChosen: boolean;
}

/** The columns that the user chose a use for, by key. */
export type Chosen = ReadonlyMap<string, Use>;

/** A possible meaning of a heading, with its rank: the greatest number wins. */
interface Kind {
  use: Use;
  rank: number;
}

/** `[Required]`, `(true or false)` and the like after a heading. */
const REMARK = /\[[^\]]*\]|\([^)]*\)/g;

const KINDS: readonly (readonly [Use, number, RegExp])[] = [
  [
    "email",
    1,
    /\b(e ?mail|mail).*\b([2-9]|second\w*|autre|other|perso\w*|private|recovery|secours|manager|responsable)\b/,
  ],
  [
    "email",
    1,
    /\b(second\w*|autre|other|perso\w*|private|recovery|home|manager|responsable).*\b(e ?mail|mail)\b/,
  ],
  ["email", 3, /\b(e ?mails?|mails?|courriels?|messagerie)\b|^mels?$/],
  ["email", 2, /\b(adresses?|address|addresses|logins?|identifiants?|upn|user ?(principal ?)?name)\b/],
  ["name", 3, /\bprenoms?\b.*\bnoms?\b|\bnoms?\b.*\bprenoms?\b|\bfirst\b.*\blast\b|\blast\b.*\bfirst\b/],
  ["first", 3, /\b(prenoms?|(first|given|fore) ?names?|forenames?)\b/],
  ["last", 3, /\b(noms? (de famille|d usage|de naissance)|(last|sur|family) ?names?)\b/],
  ["name", 3, /\b(noms? complets?|(full|real) ?names?)\b/],
  ["name", 2, /\b(noms? (affiches?|d affichage)|display ?names?)\b/],
  ["name", 1, /^(noms?|names?|personnes?|persons?|people|participants?|contacts?|collaborateurs?|invites?)$/],
  ["role", 2, /\broles?\b/],
  ["role", 1, /^(profils?|profiles?|fonctions?|droits?|acces|access|permissions?|habilitations?)\b/],
  ["status", 1, /^(status|statuts?|etats?|state|(account ?)?(enabled|active)|actif|compte actif)$/],
];

function kindOf(heading: string): Kind | undefined {
  const words = folded(heading.replaceAll(REMARK, " ").replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2"));
  const [use, rank] = KINDS.find(([, , pattern]) => pattern.test(words)) ?? [];
  return use && rank ? { use, rank } : undefined;
}

/** How many rows may stand before the headings: a title, Entra's `version:v1.0`. */
const PREAMBLE = 10;

/** The first of the rows with the most known headings: the one of the address, or several. */
export function headingOf(rows: readonly Row[]): Row | undefined {
  let best: Row | undefined;
  let most = 0;
  for (const row of rows.slice(0, PREAMBLE)) {
    if (mentionsAddress(row)) continue;
    const kinds = row.cells.map(kindOf).filter((kind) => kind !== undefined);
    if (kinds.length <= most || (kinds.length < 2 && kinds[0]?.use !== "email")) continue;
    best = row;
    most = kinds.length;
  }
  return best;
}

/** Whether a row may be about a person, so that it must not be taken for a title. */
export const mentionsAddress = ({ cells }: Row) =>
  cells.some((cell) => cell.replaceAll(REMARK, "").includes("@"));

export const holdsAddress = (cell: string) => recipients(cell).length > 0;

/** What each column holds, by its heading and its cells. `isRole` says whether a text is the name of a role. */
export function columnsOf(
  heading: Row | undefined,
  rows: readonly Row[],
  isRole: (text: string) => boolean,
  chosen: Chosen,
): Column[] {
  const width = Math.max(0, ...[heading, ...rows].map((row) => row?.cells.length ?? 0));
  const known = Array.from({ length: width }, (_, index) => {
    const cells = rows.map((row) => (row.cells[index] ?? "").trim()).filter(Boolean);
    const title = (heading?.cells[index] ?? "").trim();
    const kind = kindOf(title);
    return {
      key: `${index} ${title}`,
      heading: isDamaged(title) ? "" : title,
      sample: cells[0] ?? "",
      kind,
      filled: cells.length,
      addresses: cells.filter(holdsAddress).length,
      roles: cells.filter(isRole).length,
    };
  });
  const guesses = heading ? byHeading(known) : byPosition(known);
  const taken = new Set(chosen.values());
  return known.map(({ key, heading, sample }, index) => {
    const guess = guesses[index] ?? { use: "ignored" };
    // A use that the user gave to one column is free for no other.
    const settled = taken.has(guess.use) ? "ignored" : guess.unsure ? undefined : guess.use;
    return { key, heading, sample, use: chosen.get(key) ?? settled, isChosen: chosen.has(key) };
  });
}

interface Known {
  kind: Kind | undefined;
  filled: number;
  addresses: number;
  roles: number;
}

interface Guess {
  use: Use;
  unsure?: boolean;
}

/** The columns that may hold the address: those that do, else those that are called so. Several are a question. */
function addressColumns(known: readonly Known[]): Set<number> {
  const rank = ({ kind }: Known) => (kind?.use === "email" ? kind.rank : 0);
  const best = (indexes: number[], value: (of: Known) => number, least = 1) => {
    const values = indexes.map((index) => value(known[index] as Known));
    const most = Math.max(0, ...values);
    return indexes.filter((_, at) => (values[at] ?? 0) >= most * least);
  };
  const all = [...known.keys()];
  const holding = all.filter((index) => known[index]?.addresses);
  if (holding.length > 0) return new Set(best(best(holding, rank), (of) => of.addresses, 0.5));
  return new Set(
    best(
      all.filter((index) => rank(known[index] as Known) > 0),
      rank,
    ).slice(0, 1),
  );
}

/** The column of a use with the surest heading, if any. */
function surest(known: readonly Known[], use: Use): number {
  const rank = ({ kind }: Known) => (kind?.use === use ? kind.rank : 0);
  const most = Math.max(0, ...known.map(rank));
  return most > 0 ? known.findIndex((of) => rank(of) === most) : -1;
}

function byHeading(known: readonly Known[]): Guess[] {
  const emails = addressColumns(known);
  const first = surest(known, "first");
  let last = surest(known, "last");
  let name = surest(known, "name");
  // "Nom" beside "Prénom" is the last name.
  if (first >= 0 && last < 0 && known[name]?.kind?.rank === 1) [last, name] = [name, -1];
  const named = surest(known, "role");
  const strong = named >= 0 && known[named]?.kind?.rank === 2;
  const status = surest(known, "status");
  const others = new Set([...emails, first, last, name, status]);
  const isFree = (index: number) => !strong && !others.has(index);
  // Without a column called "role", one whose cells are all names of roles is one; a doubtful one is a question.
  const role = strong
    ? named
    : known.findIndex(({ roles, filled }, index) => isFree(index) && roles > 0 && roles === filled);
  return known.map((of, index): Guess => {
    if (emails.has(index)) return { use: "email", unsure: emails.size > 1 };
    if (index === first) return { use: "first" };
    if (index === last) return { use: "last" };
    if (index === name) return { use: "name" };
    if (index === role) return { use: "role" };
    if (index === status) return { use: "status" };
    const doubtful = of.roles > 0 || (of.kind?.use === "role" && of.filled > 0);
    return role < 0 && doubtful ? { use: "role", unsure: true } : { use: "ignored" };
  });
}

/** Without headings: the address, then a name and a role in this order, unless one column holds names of roles. */
function byPosition(known: readonly Known[]): Guess[] {
  const found = addressColumns(known);
  const emails = found.size > 0 ? found : new Set([0]);
  // An empty column before the address is an indent; one after it holds names or roles, all of them left out.
  const counts = (index: number) => index > Math.min(...emails) || known[index]?.filled;
  const others = [...known.keys()].filter((index) => !emails.has(index) && counts(index));
  const most = others.find((index) => (known[index]?.roles ?? 0) * 2 > (known[index]?.filled ?? 0));
  const [name, second] = others.filter((index) => index !== most);
  return known.map((_, index): Guess => {
    if (emails.has(index)) return { use: "email", unsure: emails.size > 1 };
    if (index === name) return { use: "name" };
    return { use: index === (most ?? second) ? "role" : "ignored" };
  });
}

/** Whether a cell of a status column says that the person has left: Slack's "Deactivated", Google's "Suspended". */
export function isInactive(text: string): boolean {
  const words = folded(text);
  return (
    /^(false|faux|non|no|0)$/.test(words) ||
    /\b(deactivated|desactivee?|suspended|suspendue?|inactive?|inactif|disabled|archived|archivee?|deleted|supprimee?|deprovisioned|blocked|bloquee?|bot)\b/.test(
      words,
    )
  );
}
