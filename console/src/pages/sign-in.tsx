import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { SignInButton } from "../session/button";
import { useSession } from "../session/provider";
import { Title } from "../ui/title";
import { useWords } from "../words/provider";

/** The way in, for whoever is not signed in; it leads back to the page that was asked for. */
export function SignInPage() {
  const { signIn: words } = useWords();
  const session = useSession();
  const [path] = useLocation();
  return (
    <div className="narrow">
      <Title>{words.title}</Title>
      <p>{words.lead}</p>
      <SignInButton onPress={() => session.signIn(path + location.search)} label={words.button} />
    </div>
  );
}

/** Where the issuer sends people back to. */
export function SignedInPage() {
  const { signIn: words } = useWords();
  const session = useSession();
  const [, navigate] = useLocation();
  const [failed, setFailed] = useState<"failed" | "noAddress">();
  const begun = useRef(false);
  useEffect(() => {
    // The code in the address is good for once.
    if (begun.current) return;
    begun.current = true;
    session
      .signedIn()
      .then((path) => (session.person ? navigate(path, { replace: true }) : setFailed("noAddress")))
      .catch(() => setFailed("failed"));
  }, [session, navigate]);
  if (!failed) return <p aria-busy="true">{words.working}</p>;
  return (
    <div className="narrow">
      <Title>{words[failed]}</Title>
      <SignInButton onPress={() => session.signIn("/")} label={words.button} />
    </div>
  );
}

/** Where the issuer sends people after they signed out. */
export function SignedOutPage() {
  const { signIn: words } = useWords();
  const session = useSession();
  return (
    <div className="narrow">
      <Title>{words.out}</Title>
      <SignInButton onPress={() => session.signIn("/")} label={words.button} />
    </div>
  );
}
