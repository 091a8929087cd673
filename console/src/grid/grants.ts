import type { Collaborator, Grant } from "../api/client";
import { isBelow } from "../api/scopes";

/** The grant at the scope itself. */
export function directGrant(collaborator: Collaborator, scope: string): Grant | undefined {
  return collaborator.grants.find((grant) => grant.scope === scope);
}

/** Whether a grant has ended at `now` (epoch milliseconds), by itself or with its event. */
export function hasEnded(grant: Grant, now = Date.now()): boolean {
  return grant.endsAt !== null && Date.parse(grant.endsAt) <= now;
}

/** The grants above a scope and those below it. */
export function grantsElsewhere({ grants }: Collaborator, scope: string): { above: Grant[]; below: Grant[] } {
  return {
    above: grants.filter((grant) => isBelow(scope, grant.scope)),
    below: grants.filter((grant) => isBelow(grant.scope, scope)),
  };
}

/** Whether to propose removing the access of lower levels too: nothing stands at the scope itself. */
export function suggestsBelow(collaborators: readonly Collaborator[], scope: string): boolean {
  return (
    collaborators.every((each) => !directGrant(each, scope)) &&
    collaborators.some((each) => grantsElsewhere(each, scope).below.length > 0)
  );
}

/** The effect of a revocation, as far as the grants of the collaborator are known. */
export interface RevocationPreview {
  removed: Grant[];
  /** The grants that would remain, without expired ones. */
  remaining: Grant[];
  /** Whether the revocation would be refused because it covers an ownership, which can only be transferred. */
  isOwner: boolean;
}

/** Computes what a revocation at `scope`, or with `below` also under it, removes (docs/domain.md#rule-3, #rule-5, #rule-10). */
export function revocationPreview(
  { grants }: Collaborator,
  scope: string,
  below: boolean,
): RevocationPreview {
  const covered = grants.filter((grant) => grant.scope === scope || (below && isBelow(grant.scope, scope)));
  const isOwner = covered.some(({ role }) => role === "owner");
  const removed = isOwner ? [] : covered;
  const remaining = grants.filter((grant) => !removed.includes(grant) && !hasEnded(grant));
  return { removed, remaining, isOwner };
}
