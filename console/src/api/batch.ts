import type { Problem } from "./problem";

/** What became of each thing of a batch, by a name of it. */
export type Results<T> = ReadonlyMap<string, T | Problem>;

/** Takes up what became of some things, beside what became of others before. */
export type OnResults<T> = (add: (before: Results<T>) => Results<T>) => void;

/** Things in as many requests as they take. */
export function batches<T>(things: readonly T[], size: number): T[][] {
  const count = Math.ceil(things.length / size);
  return Array.from({ length: count }, (_, index) => things.slice(index * size, (index + 1) * size));
}
