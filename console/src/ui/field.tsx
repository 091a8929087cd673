import { type ReactNode, useId } from "react";
import { useWords } from "../words/provider";

interface Props {
  label: string;
  help?: string | undefined;
  error?: string | undefined;
  optional?: boolean;
  /** Whether the label is for screen readers only. */
  bare?: boolean;
  /** Renders the input with the attributes that link it to its label, help and error. */
  children: (props: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": boolean;
  }) => ReactNode;
}

/** A labelled input with its help and its error. */
export function Field({ label, help, error, optional = false, bare = false, children }: Props) {
  const id = useId();
  const words = useWords();
  const described = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id} className={bare ? "sr" : undefined}>
        {label} {optional && <span className="hint">({words.optional})</span>}
      </label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": Boolean(error) })}
      {help && (
        <p className="hint" id={`${id}-help`}>
          {help}
        </p>
      )}
      {error && (
        <p className="error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
