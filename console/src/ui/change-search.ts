import { useCallback } from "react";
import { useSearchParams } from "wouter";

/** Changes parameters of the URL without a step in the browser's history; an empty one is removed. */
export type ChangeSearch<Name extends string = string> = (
  changes: Partial<Record<Name, string | null>>,
) => void;

/** The parameters of the URL, and a function that changes some of them. */
export function useChangeSearch(): [URLSearchParams, ChangeSearch] {
  const [search, setSearch] = useSearchParams();
  const change = useCallback<ChangeSearch>(
    (changes) => {
      const changed = (before: URLSearchParams) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(changes)) {
          if (value) next.set(name, value);
          else next.delete(name);
        }
        return next;
      };
      setSearch(changed, { replace: true });
    },
    [setSearch],
  );
  return [search, change];
}
