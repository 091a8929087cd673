import type { Collaborator, Grant } from "../api/client";

/** The grant that stands on the scope that was asked about. */
export function directGrant(person: Collaborator, scope: string): Grant | undefined {
  return person.grants.find((grant) => grant.scope === scope);
}

/** Whether a grant has ended, at `now` (milliseconds of the clock). */
export function hasEnded(grant: Grant, now = Date.now()): boolean {
  return grant.expiresAt !== null && Date.parse(grant.expiresAt) <= now;
}

/** What taking somebody's access back would do, as far as it is seen from the scope. */
export interface Taking {
  /** The grants that would go. */
  goes: Grant[];
  /** Those that would remain and count. */
  remains: Grant[];
  /** Whether nothing can be taken because the person owns what is asked for: ownership is transferred. */
  owns: boolean;
}

/** Says what `DELETE` would take at `scope`, with `below` under it too (`api.md`; domain rules 3, 5 and 10). */
export function taking(person: Collaborator, scope: string, below: boolean): Taking {
  const reached = (grant: Grant) => grant.scope === scope || (below && grant.scope.startsWith(`${scope}:`));
  const goes = person.grants.filter(reached);
  const owns = goes.some(({ role }) => role === "owner");
  const remains = person.grants.filter((grant) => !goes.includes(grant) && !hasEnded(grant));
  return owns
    ? { goes: [], remains: person.grants.filter((grant) => !hasEnded(grant)), owns }
    : { goes, remains, owns };
}
