import type { ReactNode } from "react";
import { asProblem } from "../api/problem";
import { useWords } from "../words/provider";
import { ProblemNote } from "./problem";

/** What is read: as much of a query as it takes to show it. */
export interface Read {
  data: unknown;
  error: unknown;
  refetch: () => unknown;
}

/** Whether what was read before may not be seen any more. */
function isGone(error: unknown): boolean {
  const { code } = asProblem(error);
  return code === "scope-not-found" || code === "collaborator-not-found" || code === "forbidden";
}

/**
 * What was read, or that it is being read, or why it was not. Where reading it again fails, what is there stays, and with it
 * whatever was typed into it.
 */
export function Loaded({ of: { data, error, refetch }, children }: { of: Read; children: ReactNode }) {
  const words = useWords();
  const shown = data !== undefined && !isGone(error);
  return (
    <>
      {Boolean(error) && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!error && !shown && (
        <p className="hint" aria-busy="true">
          {words.loading}
        </p>
      )}
      {shown && children}
    </>
  );
}
