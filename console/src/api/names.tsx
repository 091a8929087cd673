import { createContext, type ReactNode, useContext, useMemo } from "react";
import { useWords } from "../words/provider";
import { useScope, useVisibleScopes, type VisibleScopes } from "./queries";
import { scopeName } from "./scopes";

const Context = createContext<VisibleScopes | undefined>(undefined);

/** Shares one list of visible scopes, so that the rows of a large grid do not each query it. `scope` is the page's own. */
export function VisibleScopesProvider({ scope, children }: { scope: string; children: ReactNode }) {
  const visible = useVisibleScopes();
  const { data: here } = useScope(scope);
  const names = here ? new Map([...visible.names, [here.id, here.name]]) : visible.names;
  return <Context.Provider value={{ ...visible, names }}>{children}</Context.Provider>;
}

/** The scopes that the caller can see, and their names. */
export function useNames(): VisibleScopes & { nameOf: (scope: string) => string } {
  const visible = useContext(Context);
  const nameOf = useNameOf();
  if (!visible) throw new Error("VisibleScopesProvider is missing");
  return { ...visible, nameOf };
}

/** The name of a scope; also outside the pages of a scope, where no name is known. Never an id, see `scopeName`. */
export function useNameOf(): (scope: string) => string {
  const visible = useContext(Context);
  const { levels } = useWords();
  return useMemo(() => {
    const isLoading = visible !== undefined && !visible.query.data && !visible.query.error;
    return (scope) => scopeName(visible?.names ?? new Map(), isLoading, scope, levels);
  }, [visible, levels]);
}
