import { Problem } from "./api/problem";

/** The configuration of a deployment, from `/config.json`. */
export interface Config {
  /** The base URL of the issuer's `/.well-known/openid-configuration`. */
  authority: string;
  /** The id of this page's public OAuth client. */
  clientId: string;
  /** The OpenID scopes to request. */
  scope: string;
  /** The URL of the local inbox; `cargo local` only. */
  inbox?: string;
}

export async function readConfig(): Promise<Config> {
  const response = await fetch("/config.json", { cache: "no-store" });
  if (!response.ok) throw new Problem("unexpected");
  return (await response.json()) as Config;
}
