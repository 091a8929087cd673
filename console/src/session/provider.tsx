import { createContext, type ReactNode, useCallback, useContext, useSyncExternalStore } from "react";
import { sameAddress } from "../api/address";
import type { Person, Session } from "./session";

const Context = createContext<Session | undefined>(undefined);

/** Gives the session to all below. */
export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <Context.Provider value={session}>{children}</Context.Provider>;
}

/** The session. */
export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("no session is provided");
  return session;
}

/** Who is signed in, if anybody is. */
export function usePersonIfAny(): Person | undefined {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, () => session.person);
}

/** Who is signed in; only below `App`'s signed-in part. */
export function usePerson(): Person {
  const person = usePersonIfAny();
  if (!person) throw new Error("nobody is signed in");
  return person;
}

/** A function that says whether somebody is the one who is signed in. */
export function useIsMe(): (person: { email: string }) => boolean {
  const { email } = usePerson();
  return useCallback((person) => sameAddress(person.email, email), [email]);
}
