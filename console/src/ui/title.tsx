import { useEffect } from "react";

/** The page's heading, which names the tab as well. */
export function Title({ children }: { children: string }) {
  useEffect(() => {
    document.title = `${children} – Coulisses`;
  }, [children]);
  return <h1>{children}</h1>;
}
