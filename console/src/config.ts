import { Problem } from "./api/problem";

/** The configuration of a deployment, from `/config.json`. */
export interface Config {
  /** The base URL of the issuer's `/.well-known/openid-configuration`. */
  authority: string;
  /** The id of this page's public OAuth client. */
  clientId: string;
  /** The OpenID scopes to request. */
  scope: string;
  /** The product's name, in the header and in titles. */
  product: string;
  /** The URL of the platform's back office, if it is known. Pages link to it. */
  platformUrl?: string;
  /** The URL of the local inbox; `cargo local` only. */
  inbox?: string;
}

export async function readConfig(): Promise<Config> {
  const response = await fetch("/config.json", { cache: "no-store" });
  if (!response.ok) throw new Problem("unexpected");
  return completed((await response.json()) as Partial<Config>);
}

/** The configuration with its defaults. A URL of a platform that is no web address counts as none. */
export function completed({ product, platformUrl, ...rest }: Partial<Config>): Config {
  const isWeb = platformUrl !== undefined && /^https?:\/\/[^/]/i.test(platformUrl);
  return {
    ...(rest as Config),
    product: product?.trim() || "Coulisses",
    ...(isWeb ? { platformUrl } : {}),
  };
}
