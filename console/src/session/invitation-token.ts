const KEPT = "coulisses.invitation";

/**
 * Takes the invitation's token out of the address bar into session storage, where it stays while its bearer signs in
 * (`security.md`): neither the browser's history nor the issuer ever sees it.
 */
export function keepInvitation(): void {
  if (location.pathname !== "/invitation" || !location.hash) return;
  sessionStorage.setItem(KEPT, location.hash.slice(1).replace(/^token=/, ""));
  history.replaceState(null, "", location.pathname);
}

/** The token of the invitation that was opened in this tab. */
export function keptInvitation(): string | null {
  return sessionStorage.getItem(KEPT);
}

/** Forgets the token: it was used, or is of no use. */
export function forgetInvitation(): void {
  sessionStorage.removeItem(KEPT);
}
