import { useEffect } from "react";

/** Shows the page in the colour of a client (`#rrggbb`), while there is one. */
export function useBrandColour(accent: string | null | undefined): void {
  useEffect(() => {
    const { style } = document.documentElement;
    if (accent) style.setProperty("--brand", accent);
    return () => {
      style.removeProperty("--brand");
    };
  }, [accent]);
}
