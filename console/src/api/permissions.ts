import type { ActionOf, EntityOf } from "../words/fr";
import type { Permission } from "./client";

export type Entity = EntityOf<Permission>;
export type Action = ActionOf<Permission>;

/** The actions on each entity (docs/domain.md#permissions). */
const CATALOGUE: Record<Entity, readonly Action[]> = {
  dashboard: ["view"],
  contacts: ["view", "manage", "import", "export"],
  content: ["view", "manage"],
  sessions: ["view", "manage"],
  speakers: ["view", "manage"],
  partners: ["view", "manage"],
  meetings: ["view", "manage"],
  orders: ["view", "manage", "export"],
  campaigns: ["view", "manage", "send"],
  checkin: ["view", "scan"],
  reports: ["view", "export"],
  settings: ["view", "manage"],
  access: ["view", "manage"],
  history: ["view"],
};

/** The entities, in display order. */
export const ENTITIES = Object.keys(CATALOGUE) as Entity[];

/** The columns of a table of rights. */
export const ACTIONS: readonly Action[] = ["view", "manage", "import", "export", "send", "scan"];

/** The permission of an action on an entity, if there is one. */
export function permission(entity: Entity, action: Action): Permission | undefined {
  return CATALOGUE[entity].includes(action) ? (`${entity}:${action}` as Permission) : undefined;
}

/** The entities of a set of permissions, in display order. */
export function entitiesOf(permissions: Iterable<Permission>): Entity[] {
  const found = new Set(Array.from(permissions, (each) => each.split(":")[0]));
  return ENTITIES.filter((entity) => found.has(entity));
}

/** All permissions, in display order. */
export const PERMISSIONS: readonly Permission[] = ENTITIES.flatMap((entity) =>
  CATALOGUE[entity].map((action) => `${entity}:${action}` as Permission),
);

/** The entities that a custom role may include (docs/domain.md#roles). */
export const CHOOSABLE: readonly Entity[] = ENTITIES.filter((entity) => entity !== "access");

/** Adds or removes a permission. Adding one adds its entity's `view`; removing `view` removes all of its entity. */
export function toggled(set: ReadonlySet<Permission>, chosen: Permission): Set<Permission> {
  const next = new Set(set);
  const [entity, action] = chosen.split(":") as [Entity, Action];
  const view = `${entity}:view` as Permission;
  if (!next.has(chosen)) return next.add(chosen).add(view);
  const removed =
    action === "view" ? CATALOGUE[entity].map((each) => `${entity}:${each}` as Permission) : [chosen];
  for (const each of removed) next.delete(each);
  return next;
}
