import type { Permission } from "../api/client";
import { type Action, type Entity, inOrder, partsOf } from "../api/permissions";
import type { Words } from "./fr";

/** The name of an entity; its key if it is newer than this page. */
export const entityName = (entity: Entity, { entities }: Words): string => entities[entity] ?? entity;

/** The name of an action. */
export const actionName = (action: Action, { actions }: Words): string => actions[action] ?? action;

/** A permission as the user reads it: "Contacts : exporter". */
export function permissionName(permission: Permission, words: Words): string {
  const [entity, action] = partsOf(permission);
  return entityName(entity, words) + words.colon + actionName(action, words);
}

/** A permission within a sentence: "exporter (Contacts)". */
export function rightText(permission: Permission, words: Words): string {
  const [entity, action] = partsOf(permission);
  return `${actionName(action, words)} (${entityName(entity, words)})`;
}

/** Rights in one line, by entity. */
export function rightsText(permissions: readonly Permission[], words: Words): string {
  const byEntity = new Map<Entity, string[]>();
  for (const each of inOrder(permissions)) {
    const [entity, action] = partsOf(each);
    byEntity.set(entity, [...(byEntity.get(entity) ?? []), actionName(action, words)]);
  }
  const lines = [...byEntity].map(
    ([entity, actions]) => entityName(entity, words) + words.colon + actions.join(", "),
  );
  return lines.join(words.semicolon);
}
