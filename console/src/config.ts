import { Problem } from "./api/problem";

/** What a deployment says of itself, in `/config.json`. */
export interface Config {
  /** Where the issuer's `/.well-known/openid-configuration` is. */
  authority: string;
  /** The public client that this page is at the issuer. */
  clientId: string;
  /** The OpenID scopes to ask for. */
  scope: string;
  /** Where mails can be read, on one machine only. */
  inbox?: string;
}

/** Reads the configuration of this deployment. */
export async function readConfig(): Promise<Config> {
  const answer = await fetch("/config.json", { cache: "no-store" });
  if (!answer.ok) throw new Problem("unexpected");
  return (await answer.json()) as Config;
}
