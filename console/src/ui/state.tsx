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

interface Props {
  of: QueryState;
  /** How many grey lines stand for the content while it loads. */
  lines?: number;
  children: ReactNode;
}

/**
 * Shows its children once the query has data, and a skeleton or a problem otherwise. If a reload fails, the children
 * stay, so that no input is lost.
 */
export function Loaded({ of: { data, error, refetch }, lines = 3, children }: Props) {
  const shown = data !== undefined && !isGone(error);
  return (
    <>
      {Boolean(error) && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!error && !shown && <Skeleton lines={lines} />}
      {shown && children}
    </>
  );
}

/** Grey lines in the place of content that is loading. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  const words = useWords();
  return (
    <div className="skeleton" aria-busy="true">
      <span className="sr">{words.loading}</span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are identical
        <div key={line} />
      ))}
    </div>
  );
}
