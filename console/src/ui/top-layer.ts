import { createContext, useContext } from "react";
import { isEmbedded } from "../session/storage";

/** Whether something is rendered within a dialog. */
export const WithinDialog = createContext(false);

/**
 * The attribute of what opens above a dialog. In a shadow root, the library takes it for a part of the page below, and
 * makes it inert, unless it is marked.
 */
export function useTopLayer(): { "data-react-aria-top-layer"?: true } {
  const isNested = useContext(WithinDialog);
  return isNested && isEmbedded() ? { "data-react-aria-top-layer": true } : {};
}
