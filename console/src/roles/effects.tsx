import type { Effects, Permission } from "../api/client";
import { PERMISSIONS } from "../api/permissions";
import { Problem } from "../api/problem";
import { useCollaborators } from "../api/queries";
import { displayName } from "../ui/display-name";
import { isolated } from "../ui/isolated";
import { useWords } from "../words/provider";
import { rightText } from "../words/rights";
import { useRolePageWords } from "./words";

type PersonEffect = Effects["people"][number];

/** How many people of a group are named. */
const NAMED = 5;

/** The effects of a dry run. */
export async function effectsOf(response: Promise<{ data?: unknown }>): Promise<Effects> {
  const { data } = await response;
  if (typeof data !== "object" || data === null || !("effects" in data)) throw new Problem("unexpected");
  return data.effects as Effects;
}

/** The people of a client, if they are few enough for one page: their names and roles are then known. */
export function useEveryone(client: string) {
  const found = useCollaborators(client, { below: true });
  return found.hasNextPage ? undefined : found.data?.pages.flatMap((page) => page.collaborators);
}

interface Group {
  gains: Permission[];
  loses: Permission[];
  people: PersonEffect[];
}

/** The people by what they gain and lose, the largest group first. */
function groupsOf(people: readonly PersonEffect[]): Group[] {
  const groups = new Map<string, Group>();
  const sorted = (all: PersonEffect["gains"]) => {
    const found = new Set(all.flatMap(({ permissions }) => permissions));
    return PERMISSIONS.filter((permission) => found.has(permission));
  };
  for (const person of people) {
    const [gains, loses] = [sorted(person.gains), sorted(person.loses)];
    if (gains.length + loses.length === 0) continue;
    const key = `${gains} ${loses}`;
    const group = groups.get(key) ?? { gains, loses, people: [] };
    group.people.push(person);
    groups.set(key, group);
  }
  return [...groups.values()].sort((one, other) => other.people.length - one.people.length);
}

/** Who gains and who loses what: "2 personnes gagnent scanner (Accueil)", with their names. */
export function EffectsList({ client, effects }: { client: string; effects: Effects }) {
  const words = useWords();
  const text = useRolePageWords();
  const everyone = useEveryone(client);
  const groups = groupsOf(effects.people);
  const nameOf = ({ id, email }: PersonEffect) => {
    const known = everyone?.find((each) => each.id === id);
    return known ? displayName(known) : isolated(email);
  };
  const rights = (permissions: readonly Permission[]) =>
    permissions.map((each) => rightText(each, words)).join(", ");
  if (groups.length === 0) return <p>{text.noOne}</p>;
  return (
    <ul className="plain-list role-effects">
      {groups.map(({ gains, loses, people }) => {
        const n = people.length;
        const parts = [
          gains.length > 0 && text.gains(n, rights(gains)),
          loses.length > 0 && text.loses(n, rights(loses)),
        ].filter((part) => part !== false);
        const names = people.slice(0, NAMED).map(nameOf).join(", ");
        const rest = n - NAMED;
        return (
          <li key={`${gains} ${loses}`}>
            <strong>{text.persons(n)}</strong> {parts.join(words.semicolon)}
            <span className="hint">{rest > 0 ? `${names} ${text.others(rest)}` : names}</span>
          </li>
        );
      })}
    </ul>
  );
}
