import { createContext, type ReactNode, useCallback, useContext, useSyncExternalStore } from "react";
import { sameAddress } from "../api/address";
import type { Account, Session } from "./session";

const Context = createContext<Session | undefined>(undefined);

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <Context.Provider value={session}>{children}</Context.Provider>;
}

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("SessionProvider is missing");
  return session;
}

/** The signed-in user, if any. */
export function useOptionalAccount(): Account | undefined {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, () => session.account);
}

/** The signed-in user; only for pages behind the sign-in. */
export function useAccount(): Account {
  const account = useOptionalAccount();
  if (!account) throw new Error("no user is signed in");
  return account;
}

/** A function that returns whether a collaborator is the signed-in user. */
export function useIsMe(): (collaborator: { email: string }) => boolean {
  const { email } = useAccount();
  return useCallback((collaborator) => sameAddress(collaborator.email, email), [email]);
}
