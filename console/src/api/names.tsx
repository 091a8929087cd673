import { createContext, type ReactNode, useContext } from "react";
import { useVisibleScopes, type VisibleScopes } from "./queries";

const Context = createContext<VisibleScopes | undefined>(undefined);

/** Shares one list of visible scopes, so that the rows of a large grid do not each query it. */
export function VisibleScopesProvider({ children }: { children: ReactNode }) {
  return <Context.Provider value={useVisibleScopes()}>{children}</Context.Provider>;
}

/** The scopes that the caller can see, and their names. Falls back to the id where the name is not visible. */
export function useNames(): VisibleScopes & { nameOf: (scope: string) => string } {
  const visible = useContext(Context);
  if (!visible) throw new Error("VisibleScopesProvider is missing");
  return { ...visible, nameOf: (scope) => visible.names.get(scope) ?? scope.split(":").at(-1) ?? scope };
}
