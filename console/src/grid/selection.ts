import { createContext, useContext, useMemo, useState } from "react";
import type { Collaborator } from "../api/client";

/** Learns what a dialog did to people. */
export interface Keeper {
  removed: (ids: readonly string[]) => void;
  changed: (people: readonly Collaborator[]) => void;
}

/** The selection of the page, for the dialogs that open above it. */
export const KeeperContext = createContext<Keeper>({ removed: () => undefined, changed: () => undefined });

export function useKeeper(): Keeper {
  return useContext(KeeperContext);
}

/** A person with what a response says of them, which may not be all their access. */
function merged(before: Collaborator | undefined, now: Collaborator): Collaborator {
  const others = before?.grants.filter(({ scope }) => now.grants.every((grant) => grant.scope !== scope));
  return { ...now, grants: [...now.grants, ...(others ?? [])] };
}

type Chosen = ReadonlyMap<string, Collaborator>;

/**
 * The people that the user selected. A filter or a search keeps them, also those whom it no longer shows; the bar says
 * how many these are.
 */
export function useSelection(rows: readonly Collaborator[], isSelectable: (row: Collaborator) => boolean) {
  const [stored, setStored] = useState<Chosen>(new Map());
  const shown = new Map(rows.map((row) => [row.id, row]));
  // A row that was read again has the version to act on.
  const chosen = [...stored.values()].map((each) => shown.get(each.id) ?? each);
  const selectable = rows.filter(isSelectable);
  const isAll = selectable.length > 0 && selectable.every(({ id }) => stored.has(id));
  const add = (people: readonly Collaborator[]) =>
    setStored((before) => new Map([...before, ...people.map((each) => [each.id, each] as const)]));
  // A person who was removed is no longer selected, and one who was changed is selected as they are now.
  const keeper = useMemo<Keeper>(
    () => ({
      removed: (ids) => {
        const gone = new Set(ids);
        setStored((before) => new Map([...before].filter(([id]) => !gone.has(id))));
      },
      changed: (people) =>
        setStored((before) => {
          const known = people.filter(({ id }) => before.has(id));
          return new Map([
            ...before,
            ...known.map((each) => [each.id, merged(before.get(each.id), each)] as const),
          ]);
        }),
    }),
    [],
  );
  return {
    keeper,
    chosen,
    /** How many of the chosen are not among the rows. */
    hidden: chosen.filter(({ id }) => !shown.has(id)).length,
    has: (id: string) => stored.has(id),
    isAll,
    /** How many of the rows can be selected. */
    total: selectable.length,
    toggle: (row: Collaborator) => (stored.has(row.id) ? keeper.removed([row.id]) : add([row])),
    add: (people: readonly Collaborator[]) => add(people.filter(isSelectable)),
    toggleAll: () => (isAll ? keeper.removed(selectable.map(({ id }) => id)) : add(selectable)),
    clear: () => setStored(new Map()),
  };
}

export type Selection = ReturnType<typeof useSelection>;
