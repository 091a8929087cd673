import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
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
  useLayoutEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    // Closed while it is still there, so that the browser gives the focus back to what opened it, if that is still there.
    return () => {
      opened?.close();
      if (document.activeElement === document.body) document.getElementById("main")?.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onCancel={(event) => {
        // A file input's own cancel comes by here too.
        if (event.target !== event.currentTarget) return;
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

interface ButtonsProps {
  onClose: () => void;
  busy: boolean;
  /** What closing is called, if not cancelling. */
  close?: string;
  /** The button that does it. */
  children: ReactNode;
}

/** The buttons at the end of a dialog: away, or on. */
export function DialogButtons({ onClose, busy, close, children }: ButtonsProps) {
  const words = useWords();
  return (
    <div className="buttons">
      <button type="button" className="plain" onClick={onClose} disabled={busy}>
        {close ?? words.cancel}
      </button>
      {children}
    </div>
  );
}
