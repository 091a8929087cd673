const STORAGE_KEY = "coulisses.invitation";

/**
 * Moves the invitation token from the address bar to session storage while the user signs in, so that neither the
 * browser's history nor the issuer sees it (docs/security.md#invitation-tokens).
 */
export function storeInvitation(): void {
  if (location.pathname !== "/invitation" || !location.hash) return;
  sessionStorage.setItem(STORAGE_KEY, location.hash.slice(1).replace(/^token=/, ""));
  history.replaceState(null, "", location.pathname);
}

/** The token of the invitation opened in this tab. */
export function storedInvitation(): string | null {
  return sessionStorage.getItem(STORAGE_KEY);
}

/** Removes the token, which was used or is not valid. */
export function forgetInvitation(): void {
  sessionStorage.removeItem(STORAGE_KEY);
}

const AGREED = "coulisses.accepting";

/** Remembers that the user pressed the button that signs in to accept, for the invitation of this token only. */
export function agree(token: string): void {
  sessionStorage.setItem(AGREED, token);
}

/** Whether the user agreed to accept; asked once. */
export function takeAgreement(token: string): boolean {
  const agreed = sessionStorage.getItem(AGREED) === token;
  sessionStorage.removeItem(AGREED);
  return agreed;
}
