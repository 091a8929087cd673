/** One `Idempotency-Key` per request body, so that a retry after a broken connection does nothing twice. */
export class Keys {
  private readonly keys = new Map<string, string>();

  of(body: unknown): string {
    const text = JSON.stringify(body);
    const key = this.keys.get(text) ?? crypto.randomUUID();
    this.keys.set(text, key);
    return key;
  }

  /** Forgets all keys, so that the same body sent again is a new request. */
  renew(): void {
    this.keys.clear();
  }
}
