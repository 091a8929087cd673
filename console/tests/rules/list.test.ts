import { expect, test } from "vitest";
import type { GivenRole } from "../../src/api/client";
import type { Chosen, Use } from "../../src/invite/columns";
import { type Reading, readList } from "../../src/invite/lines";
import { textOf } from "../../src/invite/table";
import { en } from "../../src/words/en";
import { fr } from "../../src/words/fr";

/** A test that names roles or permissions of the shipped catalogue. */
const shipped = test.skipIf(process.env.COULISSES_CATALOGUE);

const ROLES: readonly GivenRole[] = ["administrator", "contributor", "reader", "custom"];
const list = (text: string, more: Partial<Reading> = {}) =>
  readList(text, { fallback: "reader", roles: ROLES, words: [fr, en], ...more });
/** The people that can be invited, as `name <address>`. */
const ready = (text: string, more: Partial<Reading> = {}) =>
  list(text, more)
    .lines.filter(({ fault }) => !fault)
    .map(({ name, email }) => (name ? `${name} <${email}>` : email));
const faults = (text: string) => list(text).lines.map(({ fault }) => fault);
const uses = (text: string, more: Partial<Reading> = {}) => list(text, more).columns.map(({ use }) => use);
/** The user's choices of uses, by the position of the column. */
const chosen = (text: string, choices: Record<number, Use>): Chosen =>
  new Map(Object.entries(choices).map(([at, use]) => [list(text).columns[Number(at)]?.key ?? "", use]));

test("several addresses on one line are one person each, or a question, and none is lost (fault 16)", () => {
  for (const line of [
    "lea@x.example; max@x.example",
    "lea@x.example, max@x.example",
    "lea@x.example max@x.example",
    "lea@x.example\tmax@x.example",
  ]) {
    expect(ready(line)).toEqual(["lea@x.example", "max@x.example"]);
  }
  expect(ready("Léa <lea@x.example>; Paul <paul@x.example>")).toEqual([
    "Léa <lea@x.example>",
    "Paul <paul@x.example>",
  ]);
  expect(ready("lea@x.example; max@x.example, zoe@x.example\ntom@x.example;Tom")).toEqual([
    "lea@x.example",
    "max@x.example",
    "zoe@x.example",
    "Tom <tom@x.example>",
  ]);
  expect(faults('Nom;E-mail\nLéa;"lea@x.example, max@x.example"\nTom;tom@x.example')).toEqual([
    "several",
    undefined,
  ]);
  expect(faults("lea@x.example;Léa;max@x.example\ntom@x.example;Tom;\nzoe@x.example;Zoé;")).toEqual([
    "several",
    undefined,
    undefined,
  ]);
});

shipped("the address is in the column that holds one, whatever its heading (fault 17)", () => {
  expect(ready("Nom;Adresse;Ville;E-mail\nLéa;3 rue Haute;Lyon;lea@x.example")).toEqual([
    "Léa <lea@x.example>",
  ]);
  for (const heading of [
    "Mail",
    "User email",
    "Work Email",
    "Primary Email",
    "Messagerie",
    "Compte",
    "Mél",
  ]) {
    expect(ready(`Nom;${heading};Rôle\nLéa;lea@x.example;Lecteur`)).toEqual(["Léa <lea@x.example>"]);
  }
  expect(ready("Léa;lea@x.example;Lecteur\nMax;max@x.example;Lecteur")).toEqual([
    "Léa <lea@x.example>",
    "Max <max@x.example>",
  ]);
  expect(ready("E-mail du responsable;E-mail;Nom\nchef@x.example;lea@x.example;Léa")).toEqual([
    "Léa <lea@x.example>",
  ]);
  // The column is known also if none of its cells is an address.
  expect(list("Nom;E-mail\nLéa;lea.x.example").lines).toMatchObject([
    { email: "lea.x.example", fault: "no-address" },
  ]);
});

test("the page asks which column holds the address if several may (fault 17)", () => {
  const text = "Nom;Work Email;Email\nLéa;lea@work.example;lea@x.example";
  expect(uses(text)).toEqual(["name", undefined, undefined]);
  const choice = chosen(text, { 1: "email" });
  expect(uses(text, { chosen: choice })).toEqual(["name", "email", "ignored"]);
  expect(ready(text, { chosen: choice })).toEqual(["Léa <lea@work.example>"]);
});

test("an address keeps the name that a mail program wrote before it (fault 18)", () => {
  expect(ready('"Léa Martin" <lea@x.example>')).toEqual(["Léa Martin <lea@x.example>"]);
  expect(ready("Martin, Léa <lea@x.example>")).toEqual(["Martin, Léa <lea@x.example>"]);
  expect(ready('"Martin, Léa" <lea@x.example>, Max <max@x.example>')).toEqual([
    "Martin, Léa <lea@x.example>",
    "Max <max@x.example>",
  ]);
  expect(
    ready("Martin, Léa <lea@x.example>; Durand, Max <max@x.example>;\nPetit, Zoé <zoe@x.example>"),
  ).toEqual(["Martin, Léa <lea@x.example>", "Durand, Max <max@x.example>", "Petit, Zoé <zoe@x.example>"]);
  expect(ready("lea@x.example <lea@x.example>; max@x.example, Zoé <zoe@x.example>")).toEqual([
    "lea@x.example",
    "max@x.example",
    "Zoé <zoe@x.example>",
  ]);
});

test("a wrong byte damages its own cell, which says so, and UTF-16 is read (fault 19)", () => {
  const utf8 = new TextEncoder().encode(
    "Nom;E-mail\nZoé;zoe@x.example\nL?a;lea@x.example\nThaïs;thais@x.example",
  );
  const damaged = utf8.map((byte) => (byte === "?".charCodeAt(0) ? 0xe9 : byte));
  expect(list(textOf(damaged)).lines).toMatchObject([
    { name: "Zoé", fault: undefined },
    { fault: "damaged" },
    { name: "Thaïs", fault: undefined },
  ]);
  // In a column that is not used, it does no harm.
  expect(faults("E-mail;Ville\nlea@x.example;N\uFFFDmes")).toEqual([undefined]);
  const utf16 = (text: string) => Uint8Array.from([...text].flatMap((each) => [each.charCodeAt(0), 0]));
  const swapped = (bytes: Uint8Array) => bytes.map((_, at) => bytes[at ^ 1] ?? 0);
  const text = "lea@x.example\tLéa";
  for (const bytes of [
    [0xff, 0xfe, ...utf16(text)],
    [0xfe, 0xff, ...swapped(utf16(text))],
    utf16(text),
    swapped(utf16(text)),
  ]) {
    expect(textOf(Uint8Array.from(bytes))).toBe(text);
  }
});

test("an open quote is a fault of its line and swallows no other person (fault 20)", () => {
  expect(list('"Léa;lea@x.example\nMax;max@x.example\n"Zoé";zoe@x.example').lines).toMatchObject([
    { number: 1, fault: "unclosed" },
    { number: 2, email: "max@x.example", fault: undefined },
    { number: 3, name: "Zoé", fault: undefined },
  ]);
  expect(faults('lea@x.example;"Léa\nmax@x.example;Max"\nzoe@x.example;Zoé')).toEqual([
    "unclosed",
    undefined,
    undefined,
  ]);
  // A closed one may contain quotes, separators and line breaks.
  expect(ready('lea@x.example;"Léa ""Lou"" Martin;\n2e étage"\nmax@x.example;Max')).toEqual([
    'Léa "Lou" Martin; 2e étage <lea@x.example>',
    "Max <max@x.example>",
  ]);
});

test("the name is the full name, of one column or two (fault 21)", () => {
  for (const heading of [
    "Prénom;Nom;E-mail",
    "First Name [Required],Last Name [Required],Email Address [Required]",
    "givenName;surname;mail",
  ]) {
    const between = heading.includes(";") ? ";" : ",";
    const row = ["Léa", "Martin", "lea@x.example"].join(between);
    expect(ready(`${heading}\n${row}`)).toEqual(["Léa Martin <lea@x.example>"]);
  }
  expect(ready("Nom;Prénom;E-mail\nMartin;Léa;lea@x.example")).toEqual(["Léa Martin <lea@x.example>"]);
  for (const heading of ["fullname", "displayname", "Nom complet", "Nom et prénom", "Display name", "Nom"]) {
    expect(ready(`${heading};email\nLéa Martin;lea@x.example`)).toEqual(["Léa Martin <lea@x.example>"]);
  }
  expect(ready("username,email,fullname,displayname\nlm,lea@x.example,Léa Martin,lea")).toEqual([
    "Léa Martin <lea@x.example>",
  ]);
  expect(ready("Société;Nom de l’entreprise;E-mail\nX;Y;lea@x.example")).toEqual(["lea@x.example"]);
});

test("the headings are the first of the first lines that are headings (fault 22)", () => {
  const rest = "Nom;Mail\nLéa;lea@x.example";
  for (const before of [
    "version:v1.0\n",
    "sep=;\n",
    "Liste des adresses e-mail;\n\n",
    "\uFEFFsep=;\r\nÉquipe 2027;\r\n",
  ]) {
    expect(ready(before + rest)).toEqual(["Léa <lea@x.example>"]);
  }
  expect(ready("sep=|\nNom|Mail\nLéa|lea@x.example")).toEqual(["Léa <lea@x.example>"]);
  const found = list(`Équipe;\n\n${rest}`);
  expect(found.heading).toBe(3);
  expect(found.lines).toMatchObject([{ number: 4 }]);
  // A person above the headings is reported, not lost.
  expect(list(`zoe@x.example;\n${rest}`).lines).toMatchObject([
    { number: 1, email: "zoe@x.example", fault: "no-address" },
    { number: 3, email: "lea@x.example", fault: undefined },
  ]);
});

test("what surrounds an address is removed, and what the API refuses is not ready (fault 23)", () => {
  for (const address of [
    "mailto:lea@x.example",
    "MAILTO:lea@x.example?subject=Bonjour",
    "'lea@x.example'",
    "'lea@x.example",
    "<lea@x.example>",
    "\u200Blea@x.example\uFEFF",
    "lea@x.example.",
    "“lea@x.example”",
  ]) {
    expect(ready(address), address).toEqual(["lea@x.example"]);
    expect(ready(`Nom;E-mail\n'Léa;${address}`), address).toEqual(["Léa <lea@x.example>"]);
  }
  expect(ready("E-mail;Nom\nlea@x.example;'t Hooft\nmax@x.example;'Max'")).toEqual([
    "'t Hooft <lea@x.example>",
    "Max <max@x.example>",
  ]);
  for (const address of ["léa@x.example", "lea.@x.example", "lea@x", "lea@x..example", "lea@10.0.0.1"]) {
    expect(faults(address), address).toEqual(["no-address"]);
  }
});

test("a person who is deactivated in an export is not ready (fault 23)", () => {
  const slack =
    "username,email,status,billing-active,userid,fullname,displayname\n" +
    "lea,lea@x.example,Member,1,U1,Léa Martin,lea\n" +
    "max,max@x.example,Deactivated,0,U2,Max Roux,max";
  expect(faults(slack)).toEqual([undefined, "inactive"]);
  expect(faults("Mail;accountEnabled\nlea@x.example;True\nmax@x.example;False")).toEqual([
    undefined,
    "inactive",
  ]);
  expect(faults("E-mail;Statut\nlea@x.example;Actif\nmax@x.example;Désactivée")).toEqual([
    undefined,
    "inactive",
  ]);
});

shipped("a role is known in its feminine, its plural, its short form and decomposed (fault 23)", () => {
  const role = (word: string) => list(`lea@x.example;Léa;${word}`).lines[0]?.role;
  for (const word of ["Admin", "Administratrice", "administrateurs", "Administrateur/trice", "ADMINISTRATOR"])
    expect(role(word), word).toBe("administrator");
  for (const word of ["Lectrice", "lecteurs", "Lecteur·rice", "Reader", "lecture seule"])
    expect(role(word), word).toBe("reader");
  for (const word of ["Contributrice", "contributors"]) expect(role(word), word).toBe("contributor");
  const observers: GivenRole[] = ["observer", "supervisor"];
  const of = (word: string) => list(`lea@x.example;;${word}`, { roles: observers }).lines[0]?.role;
  expect([of("Observatrice"), of("Superviseuse"), of("observateur"), of("supervisor")]).toEqual([
    "observer",
    "supervisor",
    "observer",
    "supervisor",
  ]);
  expect(ready("Nom;E-mail;Role\nLéa;lea@x.example;Lecteur".normalize("NFD")).length).toBe(1);
  expect(list("Re\u0301sume\u0301;E-mail;Ro\u0302le\nx;lea@x.example;Lecteur").lines[0]?.role).toBe("reader");
  // Words that may mean several roles are a question.
  expect(faults("lea@x.example;Léa;éditeur")).toEqual([{ unknownRole: "éditeur" }]);
});

shipped("the page says what each column was taken for, and asks about one that may hold roles", () => {
  const text = (title: string, ...roles: string[]) =>
    ["Prénom;Nom;Adresse mail;Fin", ...roles.map((_, n) => `P${n};N${n};p${n}@x.example;30/06/2027`)]
      .map((line, n) => `${line};${[title, ...roles][n]}`)
      .join("\n");
  const sure = text("Profil", "Admin", "Lecteur");
  expect(uses(sure)).toEqual(["first", "last", "email", "ignored", "role"]);
  expect(list(sure).lines.map(({ role }) => role)).toEqual(["administrator", "reader"]);
  expect(uses(text("Fonction", "Directrice", "Assistant"))[4]).toBeUndefined();
  expect(uses(text("Groupe", "Admin", "Presse"))[4]).toBeUndefined();
  expect(uses(text("Ville", "Lyon", "Nice"))[4]).toBe("ignored");
  const doubtful = text("Profil", "Chef", "Admin");
  const read = list(doubtful, { chosen: chosen(doubtful, { 4: "role" }) });
  expect(read.lines.map(({ fault }) => fault)).toEqual([{ unknownRole: "Chef" }, undefined]);
  expect(read.unknownRoles).toEqual(["Chef"]);
  // The answer counts for all lines with that word, however it is spelt.
  const meanings = new Map<string, GivenRole>([["chef", "contributor"]]);
  const explained = list("a@x.example;A;CHEF\nb@x.example;B;chef", { meanings });
  expect(explained.lines.map(({ role }) => role)).toEqual(["contributor", "contributor"]);
  expect(explained.unknownRoles.length).toBe(1);
});

test("no address is lost in silence, whatever is pasted", () => {
  const addresses = ["lea@x.example", "max@y.example", "zoe@z.example"];
  const rest = [
    " <tom@t.example>",
    "Martin, Léa",
    '"',
    '"Léa"',
    ";",
    ";",
    ",",
    "\t",
    "\n",
    "\n",
    " ",
    "'",
    "<",
  ];
  const pieces = [...addresses, ...rest, "Nom", "E-mail", "Rôle", "Admin", ">", "|", "sep=;\n"];
  let seed = 1;
  const below = (n: number) => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    return seed % n;
  };
  for (let round = 0; round < 3_000; round += 1) {
    const text = Array.from({ length: 1 + below(14) }, () => pieces[below(pieces.length)]).join("");
    const { lines, columns } = list(text);
    // A fault, a question and a column that is listed as ignored are not silent.
    if (lines.some(({ fault }) => fault) || columns.some(({ use }) => !use || use === "ignored")) continue;
    const shown = lines.map(({ email, name }) => `${name} ${email}`).join("\n");
    for (const address of addresses) if (text.includes(address)) expect(shown, text).toContain(address);
  }
});
