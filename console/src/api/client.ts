import createClient, { type Middleware } from "openapi-fetch";
import { locale } from "../words/locale";
import { Problem, problemOf } from "./problem";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];
export type Collaborator = Schemas["Collaborator"];
export type Grant = Schemas["Grant"];
export type Scope = Schemas["Scope"];
export type Role = Schemas["Role"];
export type ClientRole = Schemas["ClientRole"];
export type Effects = Schemas["Effects"];
export type RoleSettings = Schemas["RoleSettings"];
export type GivenRole = Schemas["GivenRole"];
export type Permission = Schemas["Permission"];
export type Status = Schemas["Status"];
export type Delivery = Schemas["Delivery"];
export type FoundPerson = Schemas["FoundPeople"]["people"][number];
export type Level = Schemas["Level"];
export type Seats = Schemas["Seats"];
export type Actor = Schemas["Actor"];
export type HistoryEntry = Schemas["HistoryEntry"];
export type GrantState = Schemas["GrantState"];
export type Acceptance = Schemas["Acceptance"];
export type InvitationPreview = Schemas["InvitationPreview"];
export type NewCollaborator = Schemas["NewCollaborator"];
export type Revocation = Schemas["Revocation"];
export type OwnAccess = Schemas["OwnAccess"];

/** How requests are sent. */
interface Sending {
  /** The origin of the API; empty for that of the page. */
  base: string;
  /** The access token. With `renew`, the last one was refused: a new one is needed. */
  token: (renew: boolean) => string | undefined | Promise<string | undefined>;
  /** Whether a refused token is replaced once. */
  renews: boolean;
}

let sending: Sending = { base: "", token: () => undefined, renews: false };

/** Sets the source of the access token sent with each request. */
export function authorizeWith(token: () => string | undefined): void {
  sending = { base: "", token, renews: false };
}

/** Sends requests to another origin, with a token that the page around this one provides and renews. */
export function callFrom(base: string, token: Sending["token"]): void {
  sending = { base, token, renews: true };
}

async function authorized(request: Request, renew: boolean): Promise<Request> {
  const token = await sending.token(renew);
  if (token) request.headers.set("authorization", `Bearer ${token}`);
  request.headers.set("accept-language", locale());
  return request;
}

/** Sends a request without cookies; after a 401, once more with a new token. */
async function send(request: Request): Promise<Response> {
  const again = sending.renews ? request.clone() : undefined;
  const response = await fetch(await authorized(request, false));
  return response.status === 401 && again ? fetch(await authorized(again, true)) : response;
}

/** A request to the API's origin. */
class ApiRequest extends Request {
  constructor(input: RequestInfo | URL, init?: RequestInit) {
    super(typeof input === "string" ? sending.base + input : input, { credentials: "omit", ...init });
  }
}

const problems: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response);
    return response;
  },
  onError({ error }) {
    return error instanceof Problem ? error : new Problem("offline");
  },
};

/** The HTTP API of `infra/openapi.yaml`. Throws a `Problem` for any response that is not a success. */
export const api = createClient<paths>({ baseUrl: "", fetch: send, Request: ApiRequest });
api.use(problems);

/** The data of a response. The console never asks for a dry run or for CSV. */
export async function data<T>(
  response: Promise<{ data?: T }>,
): Promise<Exclude<T, string | Schemas["DryRun"]>> {
  const { data } = await response;
  if (data === undefined) throw new Problem("unexpected");
  return data as Exclude<T, string | Schemas["DryRun"]>;
}

/** A version as an entity tag, for `If-Match`. */
export function entityTag(version: number): string {
  return `"${version}"`;
}
