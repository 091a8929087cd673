import createFetchClient, { type Client as FetchClient, type Middleware } from "openapi-fetch";
import { Problem, problemOf } from "./problem.ts";
import type { components, paths } from "./schema.ts";

type DryRun = components["schemas"]["DryRun"];

/** The operations by method and path, as `openapi-fetch` calls them. */
export type Client = FetchClient<paths>;

/** How requests are sent. */
export interface Options {
  /** The origin of the API; empty in a page for its own. A function is asked for each request. */
  baseUrl: string | (() => string);
  /**
   * The access token. With `renew`, the last one was refused: a new one is needed, and the request is sent once more with
   * it. Without one, it is not sent again.
   */
  token: (renew: boolean) => string | undefined | Promise<string | undefined>;
  /** The language of problems, `fr` or `en`; English if omitted. */
  language?: () => string;
}

const problems: Middleware = {
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return response;
    throw await problemOf(response);
  },
  onError({ error }) {
    return error instanceof Problem ? error : new Problem("offline");
  },
};

/** A client that throws a `Problem` for any response that is not a success. Requests have no cookies. */
export function createClient({ baseUrl, token, language }: Options): Client {
  const origin = typeof baseUrl === "function" ? baseUrl : () => baseUrl;

  const authorized = (request: Request, bearer: string | undefined) => {
    if (bearer) request.headers.set("authorization", `Bearer ${bearer}`);
    if (language) request.headers.set("accept-language", language());
    return fetch(request);
  };

  /** After a 401, sends the request once more with a new token. */
  const send = async (request: Request): Promise<Response> => {
    const again = request.clone();
    const response = await authorized(request, await token(false));
    if (response.status !== 401) return response;
    const renewed = await token(true);
    return renewed ? authorized(again, renewed) : response;
  };

  class ApiRequest extends Request {
    constructor(input: RequestInfo | URL, init?: RequestInit) {
      super(typeof input === "string" ? origin() + input : input, { credentials: "omit", ...init });
    }
  }

  const client = createFetchClient<paths>({ baseUrl: "", fetch: send, Request: ApiRequest });
  client.use(problems);
  return client;
}

/** The data of a response to a request that is neither a dry run nor for CSV. */
export async function data<T>(response: Promise<{ data?: T }>): Promise<Exclude<T, string | DryRun>> {
  const { data } = await response;
  if (data === undefined) throw new Problem("unexpected");
  return data as Exclude<T, string | DryRun>;
}

/** The response to a dry run: what the request would return and do. */
export async function effects(response: Promise<{ data?: unknown }>): Promise<DryRun> {
  const { data } = await response;
  if (typeof data !== "object" || data === null || !("dryRun" in data)) throw new Problem("unexpected");
  return data as DryRun;
}

/** A version as an entity tag, for `If-Match`. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

/** The header that makes a change fail with `stale-version` if the record has another version by now. */
export function ifMatch(version: number): { "If-Match": string } {
  return { "If-Match": entityTag(version) };
}

/** The version in the `ETag` of a response; undefined if it has none, or one that is not a version. */
export function versionOf(response: Response): number | undefined {
  const digits = /^"(\d{1,16})"$/.exec(response.headers.get("etag") ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}
