import type { Collaborator, GivenRole } from "../api/client";
import { useIsMe } from "../api/is-me";
import { useNames } from "../api/names";
import { clientOf, permissionsAt } from "../api/scopes";
import type { EndChange } from "./ends";
import type { Gifts } from "./give";

/** What the user wants to do with some people. Each opens its dialog. */
export type Act =
  | { do: "role"; people: Collaborator[]; scope: string; role?: GivenRole; end?: EndChange }
  | { do: "give"; people: Collaborator[]; gifts?: Gifts }
  | { do: "remind" | "restore"; people: Collaborator[] }
  | { do: "revoke"; people: Collaborator[]; scope: string; everywhere?: boolean }
  | { do: "suspend" | "address"; people: [Collaborator] };

/** The actions that the user may take on a person. */
export function useMay() {
  const { access } = useNames();
  const isMe = useIsMe();
  const manages = (scope: string) => permissionsAt(access, scope).has("access:manage");
  return {
    manages,
    /** Change or remove a role at a scope: neither one's own nor an owner's. */
    change: (person: Collaborator, scope: string) =>
      manages(scope) &&
      !isMe(person) &&
      person.grants.every((grant) => grant.scope !== scope || grant.role !== "owner"),
    /** Suspend, restore, or move to another address: for those who manage access at the client. */
    handle: (person: Collaborator, scope: string) =>
      manages(clientOf(scope)) && !isMe(person) && person.grants.every(({ role }) => role !== "owner"),
    /** Whether there is a membership to suspend, restore or move. Without a seat, there is none. */
    alter: ({ status }: Collaborator) => !["expired", "declined", "waiting"].includes(status),
  };
}
