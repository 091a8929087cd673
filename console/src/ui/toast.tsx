import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from "react";
import { useWords } from "../words/provider";
import { Icon } from "./icon";

const SHOWN = 8_000;

const Context = createContext<(said: string) => void>(() => undefined);

/** Says what was done, to eyes and to screen readers, and takes it away after a while. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState("");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const words = useWords();
  const say = useCallback((what: string) => {
    clearTimeout(timer.current);
    setSaid(what);
    timer.current = setTimeout(() => setSaid(""), SHOWN);
  }, []);
  return (
    <Context.Provider value={say}>
      {children}
      <div className="toast" role="status" data-shown={said !== ""}>
        {said}
        {said && (
          <button type="button" className="quiet" onClick={() => setSaid("")} aria-label={words.close}>
            <Icon of="cross" />
          </button>
        )}
      </div>
    </Context.Provider>
  );
}

/** A function that says that something was done. */
export function useToast(): (said: string) => void {
  return useContext(Context);
}
