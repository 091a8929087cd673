import type { ReactNode } from "react";
import { asProblem } from "../api/problem";
import { useWords } from "../words/provider";
import { ProblemNote } from "./problem";

/** The parts of a query that `Loaded` needs. */
interface QueryState {
  data: unknown;
  error: unknown;
  refetch: () => unknown;
}

/** Whether data loaded earlier must no longer be shown. */
function isGone(error: unknown): boolean {
  const { code } = asProblem(error);
  return code === "scope-not-found" || code === "collaborator-not-found" || code === "forbidden";
}

/**
 * Shows its children once the query has data, and a loading text or a problem otherwise. If a reload fails, the children
 * stay, so that no input is lost.
 */
export function Loaded({ of: { data, error, refetch }, children }: { of: QueryState; children: ReactNode }) {
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
