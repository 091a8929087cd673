import { useEffect } from "react";
import { useSession } from "../session/provider";
import { isEmbedded } from "../session/storage";

/** The page's heading, which is also the title of the tab, unless this is part of another page. */
export function Title({ children }: { children: string }) {
  const { product } = useSession().config;
  useEffect(() => {
    if (!isEmbedded()) document.title = `${children} – ${product}`;
  }, [children, product]);
  return <h1>{children}</h1>;
}
