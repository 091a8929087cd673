import type { GivenRole } from "../api/client";
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

/** The role that a word means: the API's name of it, that in either language of the page, or another form of these. */
export function roleNamed(
  text: string,
  roles: readonly GivenRole[],
  words: readonly Words[],
): GivenRole | undefined {
  const wanted = stem(text);
  const means = (role: GivenRole) => [role, ...words.map((each) => each.roles[role])];
  // A custom role needs rights, and a line has no column for them.
  return roles.find(
    (role) =>
      role !== "custom" &&
      (ALIASES[folded(text)] === role || means(role).some((name) => stem(name) === wanted)),
  );
}
