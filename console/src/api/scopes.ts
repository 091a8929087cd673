import type { Level, OwnAccess, Permission } from "./client";

/** A scope as it stands in the tree. */
export interface ScopeLabel {
  id: string;
  level: Level;
  name: string;
}

/** How many levels there are: below the third there is nothing. */
export const LEVELS = 3;

/** The client that a scope belongs to: the id's first segment. */
export function clientOf(scope: string): string {
  return scope.split(":")[0] ?? scope;
}

/** The scope and all above it, the client first: the lineage stands in the id. */
export function lineage(scope: string): string[] {
  const segments = scope.split(":");
  return segments.map((_, index) => segments.slice(0, index + 1).join(":"));
}

/** Whether `scope` is below `above`. */
export function isBelow(scope: string, above: string): boolean {
  return scope.startsWith(`${above}:`);
}

/** What the caller holds in the client of a scope, if anything. */
export function ownIn(access: OwnAccess | undefined, scope: string): OwnAccess["access"][number] | undefined {
  return access?.access.find(({ client }) => client.id === clientOf(scope));
}

/** What the API says is effectively held at `scope`: what is held on it or on a scope above (domain rule 2). */
export function held(access: OwnAccess | undefined, scope: string): ReadonlySet<Permission> {
  const above = lineage(scope);
  const own = ownIn(access, scope)?.scopes ?? [];
  return new Set(own.filter((at) => above.includes(at.scope)).flatMap((at) => at.permissions));
}

/** Whether `scope` itself is owned: its own owner alone hands it over, not one above (domain rule 5). */
export function owns(access: OwnAccess | undefined, scope: string): boolean {
  const own = ownIn(access, scope)?.scopes ?? [];
  return own.some((at) => at.role === "owner" && at.scope === scope);
}

/** The scopes of which nothing above is held as well: from there, the tree is read. */
export function topmost(scopes: readonly { scope: string }[]): string[] {
  const ids = scopes.map(({ scope }) => scope);
  return ids.filter((id) => !ids.some((other) => isBelow(id, other))).sort();
}
