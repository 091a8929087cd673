import { actions, entities } from "virtual:catalogue";
import type { Permission } from "./client";

export type Entity = string;
export type Action = string;

/** The entities, in display order. */
export const ENTITIES: readonly Entity[] = Object.keys(entities);

/** The columns of a table of rights. */
export const ACTIONS: readonly Action[] = actions;

const named = (entity: Entity, action: Action) => `${entity}:${action}` as Permission;

/** The permission of an action on an entity, if there is one. */
export function permission(entity: Entity, action: Action): Permission | undefined {
  return entities[entity]?.includes(action) ? named(entity, action) : undefined;
}

/** The entity and the action of a permission. */
export function partsOf(permission: Permission): [Entity, Action] {
  const [entity = "", action = ""] = permission.split(":");
  return [entity, action];
}

/** The entities of a set of permissions, in display order. */
export function entitiesOf(permissions: Iterable<Permission>): Entity[] {
  const found = new Set(Array.from(permissions, (each) => partsOf(each)[0]));
  return ENTITIES.filter((entity) => found.has(entity));
}

/** The permissions on an entity. */
function permissionsOn(entity: Entity): Permission[] {
  return (entities[entity] ?? []).map((action) => named(entity, action));
}

/** All permissions, in display order. */
export const PERMISSIONS: readonly Permission[] = ENTITIES.flatMap(permissionsOn);

const POSITIONS = new Map(PERMISSIONS.map((each, index) => [each, index]));

/** Permissions in display order; those that this page does not know are the last. */
export function inOrder(permissions: readonly Permission[]): Permission[] {
  const at = (permission: Permission) => POSITIONS.get(permission) ?? PERMISSIONS.length;
  return permissions.toSorted((one, other) => at(one) - at(other));
}

/** The entities that custom roles and those of a client may include (docs/domain.md#roles). */
export const CHOOSABLE: readonly Entity[] = ENTITIES.filter((entity) => entity !== "access");

/** Adds or removes a permission. Adding one adds its entity's `view`; removing `view` removes all of its entity. */
export function toggled(set: ReadonlySet<Permission>, chosen: Permission): Set<Permission> {
  const next = new Set(set);
  const [entity, action] = partsOf(chosen);
  if (!next.has(chosen)) return next.add(chosen).add(named(entity, "view"));
  for (const each of action === "view" ? permissionsOn(entity) : [chosen]) next.delete(each);
  return next;
}
