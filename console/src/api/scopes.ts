import { isolated } from "../ui/isolated";
import type { Acceptance, InvitationPreview, Level, OwnAccess, Permission, Scope } from "./client";

/** A scope of the tree. */
export interface ScopeLabel {
  id: string;
  level: Level;
  name: string;
  /** Of an event or a community. */
  startsAt?: string | null;
  endsAt?: string | null;
  timeZone?: string | null;
  accessEndsAt?: string | null;
  archivedAt?: string | null;
}

/** How many levels the tree has. */
const LEVELS = 3;

/** The client of a scope: the first segment of its id. */
export function clientOf(scope: string): string {
  return scope.split(":")[0] ?? scope;
}

/** A scope and its ancestors, the client first. They are prefixes of its id. */
export function lineage(scope: string): string[] {
  const segments = scope.split(":");
  return segments.map((_, index) => segments.slice(0, index + 1).join(":"));
}

/** Whether a scope has lower levels: an event or a community has none. */
export function hasBelow(scope: string): boolean {
  return lineage(scope).length < LEVELS;
}

/** Whether `scope` is below `above`. */
export function isBelow(scope: string, above: string): boolean {
  return scope.startsWith(`${above}:`);
}

/** The caller's access in the client of a scope, if any. */
export function ownAccessIn(
  access: OwnAccess | undefined,
  scope: string,
): OwnAccess["access"][number] | undefined {
  return access?.access.find(({ client }) => client.id === clientOf(scope));
}

/** The permissions of support at every scope (docs/domain.md#rule-17). */
const OF_SUPPORT: Permission[] = ["access:view", "history:view"];

/**
 * The caller's effective permissions at `scope`, from grants on it and on its ancestors (docs/domain.md#rule-2), and those
 * of support.
 */
export function permissionsAt(access: OwnAccess | undefined, scope: string): ReadonlySet<Permission> {
  const above = lineage(scope);
  const own = ownAccessIn(access, scope)?.scopes ?? [];
  const held = own.filter((at) => above.includes(at.scope)).flatMap((at) => at.permissions);
  return new Set(access?.support ? [...held, ...OF_SUPPORT] : held);
}

/** The access of a support user who looks at a client: all its scopes are there, as if they had a role on it. */
export function withSupport(access: OwnAccess, client: Scope): OwnAccess {
  if (client.level !== "client") return access;
  const others = access.access.filter((own) => own.client.id !== client.id);
  const { logoUrl = null, accentColor = null, timeZone = null, ...rest } = client;
  const label = { ...rest, logoUrl, accentColor, timeZone };
  const own = ownAccessIn(access, client.id) ?? { client: label, collaborator: "", scopes: [] };
  const held = { scope: client.id, role: "unknown" as const, permissions: OF_SUPPORT };
  return {
    ...access,
    access: [...others, { ...own, scopes: [...own.scopes, held], tree: client.below ?? [] }],
  };
}

/** Whether the caller owns `scope` itself: the owner of an ancestor cannot transfer it (docs/domain.md#rule-5). */
export function ownsScope(access: OwnAccess | undefined, scope: string): boolean {
  const own = ownAccessIn(access, scope)?.scopes ?? [];
  return own.some((at) => at.role === "owner" && at.scope === scope);
}

/** The scopes with no ancestor in the list. */
export function topmost(scopes: readonly { scope: string }[]): string[] {
  const ids = scopes.map(({ scope }) => scope);
  return ids.filter((id) => !ids.some((other) => isBelow(id, other))).sort();
}

/** The scopes that the caller can see, parents before their children, and all names that they know. */
export function visibleScopes(access: OwnAccess | undefined): {
  scopes: ScopeLabel[];
  names: ReadonlyMap<string, string>;
} {
  const known = access?.access.flatMap(({ client, scopes, tree }) => {
    const labels: ScopeLabel[] = [{ ...client, level: "client" }, ...(tree ?? [])];
    return labels.map((label) => ({ label, scopes }));
  });
  const isVisible = (id: string, own: OwnScopes) =>
    own.some(({ scope }) => id === scope || isBelow(id, scope));
  return {
    scopes: known?.filter(({ label, scopes }) => isVisible(label.id, scopes)).map(({ label }) => label) ?? [],
    names: new Map(known?.map(({ label }) => [label.id, label.name])),
  };
}

type OwnScopes = OwnAccess["access"][number]["scopes"];

const LEVEL_NAMES = ["client", "audience", "event"] as const;

/** The name of a scope within a text: nothing while names are loading, and the word for its level if the caller may not see its name. */
export function scopeName(
  names: ReadonlyMap<string, string>,
  isLoading: boolean,
  scope: string,
  levels: Record<Level, string>,
): string {
  const level = LEVEL_NAMES[lineage(scope).length - 1] ?? "event";
  return isolated(names.get(scope) ?? (isLoading ? "" : levels[level]));
}

/** How many events and communities a role at a scope also counts for. */
export interface Reach {
  events: number;
  communities: number;
}

export function reachOf(scopes: readonly ScopeLabel[], scope: string): Reach {
  const count = (level: Level) =>
    scopes.filter((each) => each.level === level && isBelow(each.id, scope)).length;
  return { events: count("event"), communities: count("community") };
}

/** The names of what an accepted invitation gave access to: only the link's preview has them. */
export function acceptedNames(accepted: Acceptance, { grants }: InvitationPreview): string[] {
  const given = grants.filter(({ scope }) => accepted.scopes.some((each) => each.scope === scope));
  const names = given.length > 0 ? given.map(({ name }) => name) : [accepted.client.name];
  return names.map(isolated);
}
