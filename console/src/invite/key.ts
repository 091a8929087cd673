import { useRef } from "react";

/**
 * Gives the `Idempotency-Key` of a request: the same for the same body, so that trying again after a broken connection
 * does nothing twice, and another one for any other body.
 */
export function useKey(): (body: unknown) => string {
  const last = useRef({ body: "", key: "" });
  return (body) => {
    const said = JSON.stringify(body);
    if (last.current.body !== said) last.current = { body: said, key: crypto.randomUUID() };
    return last.current.key;
  };
}
