import { useState } from "react";
import { useWords } from "../words/provider";

/** A button that goes to the issuer, and shows an error if it cannot be reached. */
export function SignInButton({ onPress, label }: { onPress: () => Promise<void>; label: string }) {
  const words = useWords();
  const [failed, setFailed] = useState(false);
  return (
    <>
      {failed && <p role="alert">{words.problems.offlineHelp}</p>}
      <button type="button" onClick={() => onPress().catch(() => setFailed(true))}>
        {label}
      </button>
    </>
  );
}
