import { type ReactNode, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { usePersonIfAny, useSession } from "../session/provider";
import { useLanguage, WORDS } from "../words/provider";

/** What stands around each page: where one is, who one is, in which language. */
export function Layout({ children }: { children: ReactNode }) {
  const { words } = useLanguage();
  const session = useSession();
  const main = useMainFocus();
  const person = usePersonIfAny();
  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {words.skip}
      </button>
      <header className="top">
        <Link href="/" className="brand">
          Coulisses
        </Link>
        <div className="top-end">
          {session.config.inbox && <a href={session.config.inbox}>{words.inbox}</a>}
          <Languages />
          {person && (
            <>
              <span className="me" title={person.email}>
                {person.name ?? person.email}
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
  const { locale, speak } = useLanguage();
  const others = (["fr", "en"] as const).filter((other) => other !== locale);
  return others.map((other) => (
    <button key={other} type="button" className="plain" lang={other} onClick={() => speak(other)}>
      {WORDS[other].name}
    </button>
  ));
}

/** Where the page changes, the focus goes to its content, as a screen reader expects of a page that loads. */
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
    // On the way back, the browser goes to where the page was left.
    if (!back.current) scrollTo(0, 0);
    back.current = false;
  }, [path]);
  return main;
}
