import type { ReactNode } from "react";
import { Link } from "wouter";
import { useOptionalAccount, useSession } from "../session/provider";
import { useWords } from "../words/provider";
import { Languages } from "./languages";

/** The frame of the pages that need no sign-in. */
export function PlainLayout({ children }: { children: ReactNode }) {
  const words = useWords();
  const session = useSession();
  const account = useOptionalAccount();
  return (
    <>
      <header className="top">
        <Link href="/" className="brand">
          {session.config.product}
        </Link>
        <div className="top-end">
          {session.config.inbox && <a href={session.config.inbox}>{words.inbox}</a>}
          <Languages />
          {account && (
            <button type="button" className="plain" title={account.email} onClick={() => session.signOut()}>
              {words.signIn.leave}
            </button>
          )}
        </div>
      </header>
      <div className="frame" data-rail="false">
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
    </>
  );
}
