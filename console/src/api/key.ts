import { useState } from "react";

/**
 * The `Idempotency-Key` of each body that is sent: the same for the same body, so that trying again after a broken
 * connection does nothing twice.
 */
export class Keys {
  private readonly keys = new Map<string, string>();

  /** The key of a body. */
  of(body: unknown): string {
    const said = JSON.stringify(body);
    const key = this.keys.get(said) ?? crypto.randomUUID();
    this.keys.set(said, key);
    return key;
  }

  /** Forgets all keys: what is sent from now on is meant anew, even if it is the same. */
  renew(): void {
    this.keys.clear();
  }
}

/** The keys of a form, for as long as it is open. */
export function useKeys(): Keys {
  return useState(() => new Keys())[0];
}
