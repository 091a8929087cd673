import { type ReactNode, useEffect, useId, useRef } from "react";
import { useWords } from "../words/provider";
import { Icon } from "./icon";

interface Props {
  title: string;
  onClose: () => void;
  /** Whether something is being sent: it is not closed by accident meanwhile. */
  busy?: boolean;
  children: ReactNode;
}

/** A modal dialog: the browser's own, which keeps the focus in and gives it back. */
export function Dialog({ title, onClose, busy = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const words = useWords();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) onClose();
      }}
    >
      <header className="dialog-head">
        <h2 id={heading}>{title}</h2>
        <button type="button" className="quiet" onClick={onClose} disabled={busy} aria-label={words.close}>
          <Icon of="cross" />
        </button>
      </header>
      {children}
    </dialog>
  );
}
