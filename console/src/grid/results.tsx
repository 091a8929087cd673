import type { ReactNode } from "react";
import type { Results } from "../api/batch";
import type { Collaborator } from "../api/client";
import { Problem } from "../api/problem";
import { Dialog } from "../ui/dialog";
import { displayName } from "../ui/display-name";
import { problemLine } from "../ui/problem";
import { useWords } from "../words/provider";

interface Props<T> {
  title: string;
  summary: string;
  collaborators: Collaborator[];
  results: Results<T>;
  /** The line of a collaborator whose item succeeded. */
  done: (result: T) => string;
  onClose: () => void;
  /** The problem that stopped the rest, if any. */
  children?: ReactNode;
}

/** The result of each collaborator in a batch. */
export function ResultsDialog<T>({
  title,
  summary,
  collaborators,
  results,
  done,
  onClose,
  children,
}: Props<T>) {
  const words = useWords();
  const line = (result: T | Problem | undefined) => {
    if (!result) return null;
    if (result instanceof Problem) return <span className="error">{problemLine(result, words)}</span>;
    return done(result);
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      size="small"
      foot={
        <div className="buttons end">
          <button type="button" onClick={onClose}>
            {words.close}
          </button>
        </div>
      }
    >
      <p role="status">{summary}</p>
      <ul className="plain-list">
        {collaborators.map((collaborator) => (
          <li key={collaborator.id}>
            <strong>{displayName(collaborator)}</strong> – {line(results.get(collaborator.id))}
          </li>
        ))}
      </ul>
      {children}
    </Dialog>
  );
}
