import { type FormEvent, type ReactNode, useEffect } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useWords } from "../words/provider";
import { Icon } from "./icon";
import { useTopLayer, WithinDialog } from "./top-layer";

interface Props {
  title: string;
  onClose: () => void;
  /** Whether a request is running. The dialog cannot be closed until it ends. */
  busy?: boolean;
  /** `side` is a panel at the right, `start` a drawer at the left. */
  place?: "center" | "side" | "start";
  size?: "small" | "normal" | "wide";
  /** What stays in view below the content: problems and buttons. */
  foot?: ReactNode;
  /** Makes the dialog a form. */
  onSubmit?: () => void;
  children: ReactNode;
}

/** A modal dialog. Its head and foot stay in view while the content scrolls. */
export function Dialog({
  title,
  onClose,
  busy = false,
  place = "center",
  size = "normal",
  foot,
  onSubmit,
  children,
}: Props) {
  const words = useWords();
  const topLayer = useTopLayer();
  // The button that opened the dialog can be gone by now, such as one in the row of a removed person.
  useEffect(
    () => () => {
      setTimeout(() => {
        if (document.activeElement === document.body) document.getElementById("main")?.focus();
      }, 50);
    },
    [],
  );
  const content = (
    <>
      <div className="dialog-body">{children}</div>
      {foot && <div className="dialog-foot">{foot}</div>}
    </>
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // A form in a dialog above this one is no part of it.
    event.stopPropagation();
    if (!busy) onSubmit?.();
  };
  return (
    <ModalOverlay
      {...topLayer}
      isOpen
      className={place === "center" ? "backdrop" : `backdrop ${place}`}
      isDismissable={place !== "center"}
      isKeyboardDismissDisabled={busy}
      onOpenChange={(open) => open || busy || onClose()}
    >
      <Modal className={`modal ${size}`}>
        {/* The library looks for the heading in the document, and misses it in a shadow root. */}
        <AriaDialog className="dialog" aria-label={title}>
          <header className="dialog-head">
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            <button
              type="button"
              className="quiet"
              onClick={onClose}
              disabled={busy}
              aria-label={words.close}
            >
              <Icon of="cross" />
            </button>
          </header>
          <WithinDialog.Provider value={true}>
            {onSubmit ? (
              <form className="dialog-form" onSubmit={submit}>
                {content}
              </form>
            ) : (
              content
            )}
          </WithinDialog.Provider>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
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

/** The buttons at the foot of a dialog: close and submit. */
export function DialogButtons({ onClose, busy, close, children }: ButtonsProps) {
  const words = useWords();
  return (
    <div className="buttons end">
      <button type="button" className="plain" onClick={onClose} disabled={busy}>
        {close ?? words.cancel}
      </button>
      {children}
    </div>
  );
}
