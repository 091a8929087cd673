import { useEffect } from "react";

/** The page's heading, which is also the title of the tab. */
export function Title({ children }: { children: string }) {
  useEffect(() => {
    document.title = `${children} – Coulisses`;
  }, [children]);
  return <h1>{children}</h1>;
}
