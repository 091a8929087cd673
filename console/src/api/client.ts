import createClient, { type Middleware } from "openapi-fetch";
import { locale } from "../words/locale";
import { Problem, problemOf } from "./problem";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];
export type Collaborator = Schemas["Collaborator"];
export type Grant = Schemas["Grant"];
export type Scope = Schemas["Scope"];
export type Role = Schemas["Role"];
export type GivenRole = Schemas["GivenRole"];
export type Permission = Schemas["Permission"];
export type Status = Schemas["Status"];
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

let bearer: () => string | undefined = () => undefined;

/** Sets the source of the access token sent with each request. */
export function authorizeWith(token: () => string | undefined): void {
  bearer = token;
}

const authorize: Middleware = {
  onRequest({ request }) {
    const token = bearer();
    if (token) request.headers.set("authorization", `Bearer ${token}`);
    request.headers.set("accept-language", locale());
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response);
    return response;
  },
  onError() {
    return new Problem("offline");
  },
};

/** The HTTP API of `infra/openapi.yaml`. Throws a `Problem` for any response that is not a success. */
export const api = createClient<paths>({ baseUrl: "" });
api.use(authorize);

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
