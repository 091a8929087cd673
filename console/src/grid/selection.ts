import { useState } from "react";

interface Selection {
  /** The view that the selection was made in. */
  view: string;
  ids: ReadonlySet<string>;
}

/** The rows that the user selected. Another view, such as a search, starts without any, so that none is hidden. */
export function useSelection<Row extends { id: string }>(
  view: string,
  rows: readonly Row[],
  isSelectable: (row: Row) => boolean,
) {
  const [selection, setSelection] = useState<Selection>({ view, ids: new Set() });
  const ids = selection.view === view ? selection.ids : new Set<string>();
  const select = (next: Iterable<string>) => setSelection({ view, ids: new Set(next) });
  const selectable = rows.filter(isSelectable);
  const chosen = selectable.filter(({ id }) => ids.has(id));
  return {
    chosen,
    has: (id: string) => ids.has(id),
    isAll: selectable.length > 0 && chosen.length === selectable.length,
    toggle: (id: string) => select(ids.has(id) ? [...ids].filter((each) => each !== id) : [...ids, id]),
    toggleAll: () => select(chosen.length === selectable.length ? [] : selectable.map(({ id }) => id)),
    clear: () => select([]),
  };
}

export type RowSelection = ReturnType<typeof useSelection>;
