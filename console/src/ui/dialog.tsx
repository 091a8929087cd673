import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { useWords } from "../words/provider";
import { Icon } from "./icon";

interface Props {
  title: string;
  onClose: () => void;
  /** Whether a request is running. The dialog cannot be closed until it ends. */
  busy?: boolean;
  children: ReactNode;
}

/** A modal dialog. The browser's own element traps the focus and restores it. */
export function Dialog({ title, onClose, busy = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const words = useWords();
  useLayoutEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    // Close it before React removes it: the browser then returns the focus to the element that opened it, if it still exists.
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
        // The cancel event of a file input bubbles up to here too.
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
  /** The label of the close button, if not "Cancel". */
  close?: string;
  /** The button that submits. */
  children: ReactNode;
}

/** The buttons at the end of a dialog: close and submit. */
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
