import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from "react";
import { useWords } from "../words/provider";

/** How long a message stays, in milliseconds: as long as it can be undone. */
const SHOWN = 10_000;

/** Shows a message; `undo` reverses what it reports. */
export type ShowToast = (message: string, undo?: () => void) => void;

const Context = createContext<ShowToast>(() => undefined);

/** Shows the latest message for a while, and announces it to screen readers. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [{ message, undo }, setShown] = useState<{ message: string; undo?: () => void }>({ message: "" });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const words = useWords();
  const hide = useCallback(() => setShown({ message: "" }), []);
  const show = useCallback<ShowToast>(
    (message, undo) => {
      clearTimeout(timer.current);
      setShown({ message, ...(undo ? { undo } : {}) });
      timer.current = setTimeout(hide, SHOWN);
    },
    [hide],
  );
  return (
    <Context.Provider value={show}>
      {children}
      {/* Above a dialog too, and not hidden with the rest of the page while one is open. */}
      <div
        className="toast"
        role="status"
        data-shown={message !== ""}
        data-react-aria-top-layer={message !== ""}
      >
        {message}
        {undo && (
          <button
            type="button"
            onClick={() => {
              hide();
              undo();
            }}
          >
            {words.undo}
          </button>
        )}
        {message && (
          <button type="button" className="quiet" onClick={hide} aria-label={words.close}>
            <span aria-hidden="true">×</span>
          </button>
        )}
      </div>
    </Context.Provider>
  );
}

/** A function that shows a message. */
export function useToast(): ShowToast {
  return useContext(Context);
}
