/**
 * Returns an access token of the signed-in user for the API, or a promise of one. With `renew`, the API refused the last
 * token: return a new one, or `undefined` if the user has to sign in again.
 */
export type GetToken = (options: { renew: boolean }) => Promise<string | undefined> | string | undefined;

/**
 * `<coulisses-team scope="…" api="…" lang="fr" accent="#7a1f3d">`: who has access at a scope, with everything that the
 * console does with a team. The element shows nothing until `getToken` is set.
 *
 * It sends `coulisses-sign-in` when the user asks to sign in again. It sets no cookie and stores nothing.
 */
export class CoulissesTeam extends HTMLElement {
  getToken: GetToken | undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    "coulisses-team": CoulissesTeam;
  }
}
