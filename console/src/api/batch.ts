import type { Problem } from "./problem";

/** The result of each item of a batch, by the item's key. */
export type Results<T> = ReadonlyMap<string, T | Problem>;

/** Merges new results into those received so far. */
export type OnResults<T> = (add: (before: Results<T>) => Results<T>) => void;

/** Splits items into batches of at most `size`. */
export function batches<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
