import { createContext, type ReactNode, useContext } from "react";
import { type Reach, useReach } from "./queries";

const Context = createContext<Reach | undefined>(undefined);

/** Gives what the caller reaches to all below, so that a thousand rows do not each look for their names. */
export function ReachProvider({ children }: { children: ReactNode }) {
  return <Context.Provider value={useReach()}>{children}</Context.Provider>;
}

/** What the caller reaches, and how people call it; an id stands where the caller may not know the name. */
export function useNames(): Reach & { nameOf: (scope: string) => string } {
  const reach = useContext(Context);
  if (!reach) throw new Error("no reach is provided");
  return { ...reach, nameOf: (scope) => reach.names.get(scope) ?? scope.split(":").at(-1) ?? scope };
}
