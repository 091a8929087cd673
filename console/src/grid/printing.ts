import { createContext, useEffect, useState } from "react";
import { flushSync } from "react-dom";

/** Whether the page is being printed, for the cells of a list. */
export const Printing = createContext(false);

/** Whether the page is being printed: a list then renders all its rows, not only the visible ones. */
export function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    // The browser takes the page as it is when the event has been handled.
    const before = () => flushSync(() => setPrinting(true));
    const after = () => setPrinting(false);
    addEventListener("beforeprint", before);
    addEventListener("afterprint", after);
    return () => {
      removeEventListener("beforeprint", before);
      removeEventListener("afterprint", after);
    };
  }, []);
  return printing;
}
