import type { ClientRole, Level, Permission, RoleSettings } from "../api/client";
import { isInCatalogue } from "../api/roles";
import { folded } from "../words/folded";

/** The languages of a role's texts. */
export const LANGUAGES = ["fr", "en"] as const;

/** The levels, those of most roles first. */
export const LEVELS: readonly Level[] = ["event", "community", "audience", "client"];

type Text = Record<(typeof LANGUAGES)[number], string>;

/** A role as the form has it. */
export interface RoleDraft {
  name: Text;
  description: Text;
  /** The key that the user typed; empty for the one that the name gives. */
  key: string;
  levels: Level[];
  permissions: Permission[];
  /** The version that the changes are made on; undefined for a new role. */
  version?: number | undefined;
}

export const NEW: RoleDraft = {
  name: { fr: "", en: "" },
  description: { fr: "", en: "" },
  key: "",
  levels: ["event"],
  permissions: [],
};

/** A role as its form shows it at first. */
export function draftOf({ name, description, levels, permissions, version }: ClientRole): RoleDraft {
  return {
    name: { fr: name.fr, en: name.en },
    description: { fr: description?.fr ?? "", en: description?.en ?? "" },
    key: "",
    levels: [...levels],
    permissions: [...permissions],
    version,
  };
}

const LONGEST = 32;
const KEY = /^[a-z0-9-]{1,32}$/;

/** A name in the letters of a key. */
function plain(name: string): string {
  const letters = folded(name).replaceAll("œ", "oe").replaceAll("æ", "ae");
  return letters
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, LONGEST - 3)
    .replaceAll(/^-+|-+$/g, "");
}

/** The key of a new role: from its name, and unlike those that are taken. */
export function keyFor({ fr, en }: Text, taken: ReadonlySet<string>): string {
  const base = plain(fr) || plain(en);
  if (!base) return "";
  const isFree = (key: string) => !taken.has(key) && !isInCatalogue(key);
  for (let n = 1; ; n += 1) {
    const key = n === 1 ? base : `${base}-${n}`;
    if (isFree(key)) return key;
  }
}

/** What is wrong with a draft, by field. */
export interface Faults {
  name?: "name";
  description?: "description";
  key?: "key" | "taken";
  levels?: "levels";
  permissions?: "permissions";
}

/** Checks a draft; `key` is that of a new role, and is undefined for another. */
export function faultsOf(draft: RoleDraft, key: string | undefined, taken: ReadonlySet<string>): Faults {
  const [fr, en] = LANGUAGES.map((language) => draft.description[language].trim());
  return {
    ...(LANGUAGES.every((language) => draft.name[language].trim()) ? {} : { name: "name" }),
    ...(Boolean(fr) === Boolean(en) ? {} : { description: "description" }),
    // Without a name, there is no key yet: the name is what is missing.
    ...(!key || KEY.test(key) ? {} : { key: "key" }),
    ...(key !== undefined && (taken.has(key) || isInCatalogue(key)) ? { key: "taken" } : {}),
    ...(draft.levels.length > 0 ? {} : { levels: "levels" }),
    ...(draft.permissions.length > 0 ? {} : { permissions: "permissions" }),
  };
}

/** The body of the request. */
export function settingsOf({ name, description, levels, permissions }: RoleDraft): RoleSettings {
  const text = ({ fr, en }: Text) => ({ fr: fr.trim(), en: en.trim() });
  const described = text(description);
  return {
    name: text(name),
    description: described.fr ? described : null,
    permissions: [...permissions].sort(),
    levels: LEVELS.filter((level) => levels.includes(level)),
  };
}
