import { createContext, useContext, useMemo } from "react";
import { useWords } from "../words/provider";
import type { VisibleScopes } from "./queries";
import { scopeName } from "./scopes";

/** The scopes that the caller can see; undefined outside the pages of a scope. */
export const VisibleScopesContext = createContext<VisibleScopes | undefined>(undefined);

/** The name of a scope; also outside the pages of a scope, where no name is known. Never an id, see `scopeName`. */
export function useNameOf(): (scope: string) => string {
  const visible = useContext(VisibleScopesContext);
  const { levels } = useWords();
  return useMemo(() => {
    const isLoading = visible !== undefined && !visible.query.data && !visible.query.error;
    return (scope) => scopeName(visible?.names ?? new Map(), isLoading, scope, levels);
  }, [visible, levels]);
}
