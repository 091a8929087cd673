import { useCallback, useEffect, useRef, useState } from "react";

interface Outcome<T> {
  data: T | undefined;
  error: unknown;
}

/**
 * Reads once, and again on `refetch`: for the pages that an invited person sees, which do without the cache of the
 * others.
 */
export function useRead<T>(read: () => Promise<T>): Outcome<T> & { refetch: () => void } {
  const { send, ...outcome } = useSend(read);
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    send();
  }, [send]);
  return { ...outcome, refetch: send };
}

/** Sends a request when the user asks for it. */
export function useSend<T>(request: () => Promise<T>) {
  const [outcome, setOutcome] = useState<Outcome<T>>({ data: undefined, error: undefined });
  const [isPending, setPending] = useState(false);
  const latest = useRef(request);
  latest.current = request;
  const send = useCallback(() => {
    setPending(true);
    latest
      .current()
      .then(
        (data) => setOutcome({ data, error: undefined }),
        (error: unknown) => setOutcome({ data: undefined, error }),
      )
      .finally(() => setPending(false));
  }, []);
  return { ...outcome, isPending, send };
}
