import type { Collaborator } from "../api/client";
import type { Sort } from "../api/queries";

/** The columns that order the grid, each with its first order and the reverse. */
export const ORDERS = {
  person: ["name", "-name"],
  status: ["lastLoginAt", "-lastLoginAt"],
  ends: ["expiresAt", "-expiresAt"],
} as const satisfies Record<string, readonly [Sort, Sort]>;

export type OrderedColumn = keyof typeof ORDERS;

/** The orders that the grid offers, and the one of the API's pages: by address. */
export const SORTS: readonly Sort[] = ["email", ...Object.values(ORDERS).flat()];

/** The order that a click on a column's heading leads to. */
export function nextSort(column: OrderedColumn, sort: Sort): Sort {
  const [first, reverse] = ORDERS[column];
  return sort === first ? reverse : first;
}

/** Whether a column's order goes up, if it is the present one. The latest login comes first, so that goes down. */
export function directionOf(column: OrderedColumn, sort: Sort): "ascending" | "descending" | undefined {
  const [first, reverse] = ORDERS[column];
  if (sort !== first && sort !== reverse) return undefined;
  const isUp = (sort === first) !== (column === "status");
  return isUp ? "ascending" : "descending";
}

/** People by the names that the rows show. For a list that is complete: the API's pages are ordered by address. */
export function byName(people: readonly Collaborator[]): Collaborator[] {
  const names = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });
  const shown = ({ name, email }: Collaborator) => name ?? email;
  return people.toSorted((one, other) => names.compare(shown(one), shown(other)));
}
