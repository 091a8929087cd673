import { useState } from "react";
import { useWords } from "../words/provider";

/** How long the browser may take to leave the page, in milliseconds: a second press would begin another sign-in. */
const LEAVING = 3_000;

/** A button that goes to the issuer, and shows an error if it cannot be reached. */
export function SignInButton({ onPress, label }: { onPress: () => Promise<void>; label: string }) {
  const words = useWords();
  const [failed, setFailed] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const press = async () => {
    setLeaving(true);
    setFailed(false);
    try {
      await onPress();
    } catch {
      setFailed(true);
    } finally {
      // The browser leaves the page, unless the page around this one signs users in.
      setTimeout(() => setLeaving(false), LEAVING);
    }
  };
  return (
    <>
      {failed && <p role="alert">{words.problems.offlineHelp}</p>}
      <button type="button" disabled={leaving} onClick={() => void press()}>
        {label}
      </button>
    </>
  );
}
