import { createContext, type ReactNode, useContext, useSyncExternalStore } from "react";
import type { Account, Session } from "./session";

/** What pages need of a session: the console's own, or that of the page that embeds it. */
export type AnySession = Pick<
  Session,
  "config" | "account" | "subscribe" | "signIn" | "signedIn" | "signOut"
>;

const Context = createContext<AnySession | undefined>(undefined);

export function SessionProvider({ session, children }: { session: AnySession; children: ReactNode }) {
  return <Context.Provider value={session}>{children}</Context.Provider>;
}

export function useSession(): AnySession {
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
