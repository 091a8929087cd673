import type { ReactNode } from "react";
import { useWords } from "../words/provider";
import { ProblemNote } from "./problem";

interface Props {
  pending: boolean;
  error: unknown;
  onRetry: () => void;
  children: ReactNode;
}

/** What was read, or that it is being read, or why it was not. */
export function Loaded({ pending, error, onRetry, children }: Props) {
  const words = useWords();
  if (error) return <ProblemNote error={error} onRetry={onRetry} />;
  if (pending) {
    return (
      <p className="hint" aria-busy="true">
        {words.loading}
      </p>
    );
  }
  return children;
}
