import { type ReactNode, useContext } from "react";
import { useNameOf, VisibleScopesContext } from "./name-of";
import { useScope, useVisibleScopes, type VisibleScopes } from "./queries";

/** Shares one list of visible scopes, so that the rows of a large grid do not each query it. `scope` is the page's own. */
export function VisibleScopesProvider({ scope, children }: { scope: string; children: ReactNode }) {
  const visible = useVisibleScopes(scope);
  const { data: here } = useScope(scope);
  const names = here ? new Map([...visible.names, [here.id, here.name]]) : visible.names;
  return (
    <VisibleScopesContext.Provider value={{ ...visible, names }}>{children}</VisibleScopesContext.Provider>
  );
}

/** The scopes that the caller can see, and their names. */
export function useNames(): VisibleScopes & { nameOf: (scope: string) => string } {
  const visible = useContext(VisibleScopesContext);
  const nameOf = useNameOf();
  if (!visible) throw new Error("VisibleScopesProvider is missing");
  return { ...visible, nameOf };
}
