import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from "react";
import { useWords } from "../words/provider";
import { Icon } from "./icon";

/** How long a message stays, in milliseconds. */
const SHOWN = 8_000;

const Context = createContext<(message: string) => void>(() => undefined);

/** Shows the latest message for a while, and announces it to screen readers. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [message, setMessage] = useState("");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const words = useWords();
  const show = useCallback((text: string) => {
    clearTimeout(timer.current);
    setMessage(text);
    timer.current = setTimeout(() => setMessage(""), SHOWN);
  }, []);
  return (
    <Context.Provider value={show}>
      {children}
      <div className="toast" role="status" data-shown={message !== ""}>
        {message}
        {message && (
          <button type="button" className="quiet" onClick={() => setMessage("")} aria-label={words.close}>
            <Icon of="cross" />
          </button>
        )}
      </div>
    </Context.Provider>
  );
}

/** A function that shows a message. */
export function useToast(): (message: string) => void {
  return useContext(Context);
}
