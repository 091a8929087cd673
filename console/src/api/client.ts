import { type components, createClient, type Options } from "@coulisses/client";
import { locale } from "../words/locale";

export { data, entityTag } from "@coulisses/client";

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
export type FoundPerson = Schemas["FoundPerson"];
export type Level = Schemas["Level"];
export type Seats = Schemas["Seats"];
export type Actor = Schemas["Actor"];
export type HistoryEntry = Schemas["HistoryEntry"];
export type GrantState = Schemas["GrantState"];
export type Acceptance = Schemas["Acceptance"];
export type InvitationPreview = Schemas["InvitationPreview"];
export type NewCollaborator = Omit<Schemas["NewCollaborators"], "invitations">;
export type Revocation = Schemas["Revocation"];
export type OwnAccess = Schemas["OwnAccess"];

/** How requests are sent: to the page's own origin, until a page around this one provides another one. */
let sending: { base: string; token: Options["token"] } = { base: "", token: () => undefined };

/** Sets the source of the access token sent with each request. */
export function authorizeWith(token: () => string | undefined): void {
  // The session renews its token itself: one that was refused has no successor.
  sending = { base: "", token: (renew) => (renew ? undefined : token()) };
}

/** Sends requests to another origin, with a token that the page around this one provides and renews. */
export function callFrom(base: string, token: Options["token"]): void {
  sending = { base, token };
}

/** The HTTP API of `infra/openapi.yaml`. Throws a `Problem` for any response that is not a success. */
export const api = createClient({
  baseUrl: () => sending.base,
  token: (renew) => sending.token(renew),
  language: locale,
});
