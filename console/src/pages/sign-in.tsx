import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { SignInButton } from "../session/button";
import { useSession } from "../session/provider";
import { Title } from "../ui/title";
import { useWords } from "../words/provider";

/** The sign-in page. Signing in leads back to the requested page. */
export function SignInPage() {
  const { signIn: words } = useWords();
  const session = useSession();
  const [path] = useLocation();
  return (
    <div className="welcome card">
      <Title>{words.title}</Title>
      <p>{words.lead}</p>
      <SignInButton onPress={() => session.signIn(path + location.search)} label={words.button} />
    </div>
  );
}

/** The page that the issuer redirects to after sign-in. */
export function SignedInPage() {
  const { signIn: words } = useWords();
  const session = useSession();
  const [, navigate] = useLocation();
  const [failed, setFailed] = useState<"failed" | "noAddress">();
  const begun = useRef(false);
  useEffect(() => {
    // The code in the URL can be used only once.
    if (begun.current) return;
    begun.current = true;
    session
      .signedIn()
      .then((path) => (session.account ? navigate(path, { replace: true }) : setFailed("noAddress")))
      .catch(() => setFailed("failed"));
  }, [session, navigate]);
  if (!failed) return <p aria-busy="true">{words.working}</p>;
  return (
    <div className="welcome card">
      <Title>{words[failed]}</Title>
      <SignInButton onPress={() => session.signIn("/")} label={words.button} />
    </div>
  );
}

/** The page that the issuer redirects to after sign-out. */
export function SignedOutPage() {
  const { signIn: words } = useWords();
  const session = useSession();
  return (
    <div className="welcome card">
      <Title>{words.out}</Title>
      <SignInButton onPress={() => session.signIn("/")} label={words.button} />
    </div>
  );
}
