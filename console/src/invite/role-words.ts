import type { ClientRole, GivenRole } from "../api/client";
import { folded } from "../words/folded";
import type { Words } from "../words/fr";

/** Other words for a role that leave no doubt. */
const ALIASES: Record<string, GivenRole> = {
  admin: "administrator",
  admins: "administrator",
  administration: "administrator",
  lecture: "reader",
  "lecture seule": "reader",
  "read only": "reader",
};

/** The part that all forms of a role's name share: "administrateur", "administratrice" and "administrators". */
const stem = (text: string) =>
  folded(text)
    .replace(/ (e|rice|trice|euse)( ?s)?$/, "")
    .replace(/(eur|rice|euse|or|er)?s?$/, "");

/**
 * The role that a word means: the API's name of it, that in either language of the page, or another form of these. A role
 * that the client defines is only known by its exact name or key. A name that several roles have is a question.
 */
export function roleNamed(
  text: string,
  roles: readonly GivenRole[],
  words: readonly Words[],
  own: readonly ClientRole[] = [],
): GivenRole | undefined {
  // A custom role needs rights, and a line has no column for them.
  const known = roles.filter((role) => role !== "custom" && !own.some(({ key }) => key === role));
  const names = (role: GivenRole) => [role, ...words.flatMap((each) => each.roles[role] ?? [])];
  const ofClient = own.filter(({ key }) => roles.includes(key));
  const is = (name: string) => folded(name) === folded(text);
  const exact = [
    ...known.filter((role) => names(role).some(is)),
    ...ofClient.filter(({ key, name }) => [key, name.fr, name.en].some(is)).map(({ key }) => key),
  ];
  if (exact.length > 0) return exact.length === 1 ? exact[0] : undefined;
  const wanted = stem(text);
  return known.find(
    (role) => ALIASES[folded(text)] === role || names(role).some((name) => stem(name) === wanted),
  );
}
