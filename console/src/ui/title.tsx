import { useEffect } from "react";
import { useSession } from "../session/provider";

/** The page's heading, which is also the title of the tab. */
export function Title({ children }: { children: string }) {
  const { product } = useSession().config;
  useEffect(() => {
    document.title = `${children} – ${product}`;
  }, [children, product]);
  return <h1>{children}</h1>;
}
