import { type ReactNode, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { useOptionalAccount, useSession } from "../session/provider";
import { useLanguage, WORDS } from "../words/provider";
import { PlatformLink } from "./platform-link";

/** The frame of each page: header, signed-in user, language. */
export function Layout({ children }: { children: ReactNode }) {
  const { words } = useLanguage();
  const session = useSession();
  const main = useMainFocus();
  const account = useOptionalAccount();
  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {words.skip}
      </button>
      <header className="top">
        <Link href="/" className="brand">
          {session.config.product}
        </Link>
        <div className="top-end">
          {account && <PlatformLink />}
          {session.config.inbox && <a href={session.config.inbox}>{words.inbox}</a>}
          <Languages />
          {account && (
            <>
              <span className="me" title={account.email}>
                <bdi>{account.name ?? account.email}</bdi>
              </span>
              <button type="button" className="plain" onClick={() => session.signOut()}>
                {words.signIn.leave}
              </button>
            </>
          )}
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function Languages() {
  const { locale, changeLocale } = useLanguage();
  const others = (["fr", "en"] as const).filter((other) => other !== locale);
  return others.map((other) => (
    <button key={other} type="button" className="plain" lang={other} onClick={() => changeLocale(other)}>
      {WORDS[other].name}
    </button>
  ));
}

/** Moves the focus to the content on navigation, as if a new page had loaded: screen readers then announce it. */
function useMainFocus() {
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  const back = useRef(false);
  useEffect(() => {
    const note = () => {
      back.current = true;
    };
    addEventListener("popstate", note);
    return () => removeEventListener("popstate", note);
  }, []);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    main.current?.focus({ preventScroll: true });
    // When going back, the browser restores the scroll position itself.
    if (!back.current) scrollTo(0, 0);
    back.current = false;
  }, [path]);
  return main;
}
