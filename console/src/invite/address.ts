/** A person named in a cell. */
export interface Recipient {
  email: string;
  name: string;
}

/** Rejects what the API refuses, as far as that is visible: the part before the `@` is ASCII (docs/security.md#e-mail-addresses). */
const ADDRESS =
  /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@([^\s@<>()[\]:;,"\\/?#.]{1,63}\.)+(?!\d+$)[^\s@<>()[\]:;,"\\/?#.]{1,63}$/;

export function isAddress(text: string): boolean {
  return ADDRESS.test(text);
}

/** What spreadsheets and mail programs put around a value: spaces, invisible characters, quotes, brackets, punctuation. */
const AROUND = /^[\s\p{Cf}'"‘’“”«»<([]+|[\s\p{Cf}'"‘’“”«»>)\].,;:]+$/gu;

/** An address without its `mailto:` and what was put around it. */
export function cleanAddress(text: string): string {
  const bare = text.replaceAll(/\s+/g, " ").replaceAll(AROUND, "");
  const linked = /^(?:mailto|smtp):([^?]*)/i.exec(bare);
  return linked?.[1] === undefined ? bare : linked[1].replaceAll(AROUND, "");
}

/** Invisible characters that are not part of a name; a flag can end with one that is. */
const AROUND_NAME =
  /^[\s\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]+|[\s\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]+$/g;

/** A name on one line, without its quotes and the apostrophe that Excel puts before a text. */
export function cleanName(text: string): string {
  const name = text.replaceAll(/\s+/g, " ").replaceAll(AROUND_NAME, "");
  const quoted = /^(?:"(.*)"|'(.*)'|“(.*)”|«(.*)»)$/.exec(name);
  if (quoted) return (quoted[1] ?? quoted[2] ?? quoted[3] ?? quoted[4] ?? "").trim();
  // Not the apostrophe of "'t Hooft".
  return name.replace(/^"|^'(?!\p{L}\s)|"$/gu, "").trim();
}

/**
 * The people in a cell that holds nothing else: `lea@example.org`, or several in the form that mail programs copy, such
 * as `Martin, Léa <lea@example.org>; max@example.org`. Empty for any other text.
 */
export function recipients(cell: string): Recipient[] {
  const found: Recipient[] = [];
  const addresses = (text: string) => {
    const pieces = text.split(/[\s;,|]+/).map(cleanAddress);
    found.push(...pieces.filter(Boolean).map((email) => ({ email, name: "" })));
  };
  let rest = cell.replaceAll(/\s+/g, " ");
  for (;;) {
    const named = /^[\s;,|]*((?:"[^"]*"|[^<>"])*)<([^<>]*)>/.exec(rest);
    if (!named) break;
    const [all, before = "", email = ""] = named;
    // Addresses without a name may come before the name.
    const bare = /^(?:[^\s;,|"]+@[^\s;,|"]+\s*[;,|]\s*)*/.exec(before)?.[0] ?? "";
    addresses(bare);
    const name = cleanName(before.slice(bare.length));
    const address = cleanAddress(email);
    // Mail programs repeat the address if they know no name.
    found.push({ email: address, name: cleanAddress(name) === address ? "" : name });
    rest = rest.slice(all.length);
  }
  addresses(rest);
  return found.every(({ email }) => isAddress(email)) ? found : [];
}
