import { createContext, useContext } from "react";
import { displayName } from "../ui/display-name";

/** The names that several people of a list have. */
export const SharedNames = createContext<ReadonlySet<string>>(new Set());

interface Named {
  name: string | null;
  email: string;
}

/** The names that more than one of these people have. */
export function sharedNames(people: readonly Named[]): ReadonlySet<string> {
  const names = people.map(displayName).sort();
  return new Set(names.filter((name, index) => name === names[index - 1]));
}

/** How buttons name a person: with the address if others have the same name. */
export function useLabelOf(): (person: Named) => string {
  const shared = useContext(SharedNames);
  return (person) => {
    const name = displayName(person);
    return shared.has(name) ? `${name} (${person.email})` : name;
  };
}
