import type { GrantState, Permission, Role } from "../api/client";
import type { Words } from "../words/fr";
import { useDates, useWords } from "../words/provider";

/** A grant that the user is editing. */
export interface GrantInput {
  role: Role;
  permissions?: readonly Permission[];
  expiresAt: string | null;
}

/** A grant as text: role, rights of a custom role, status, end. */
export function GrantText({ state }: { state: GrantInput | GrantState | null | undefined }) {
  const words = useWords();
  const dates = useDates();
  if (!state) return words.history.nothing;
  const ends = state.expiresAt ? `, ${words.history.endsAt(dates.day(state.expiresAt))}` : "";
  const rights =
    state.role === "custom" && state.permissions ? ` (${rightsText(state.permissions, words)})` : "";
  const status =
    "status" in state && state.status !== "active" && state.status !== "unknown"
      ? `, ${words.statuses[state.status].toLowerCase()}`
      : "";
  return `${words.roles[state.role]}${rights}${status}${ends}`;
}

/** Rights in one line, by entity. */
function rightsText(permissions: readonly Permission[], words: Words): string {
  const byEntity = new Map<keyof Words["entities"], string[]>();
  for (const each of permissions) {
    const [entity, action] = each.split(":") as [keyof Words["entities"], keyof Words["actions"]];
    byEntity.set(entity, [...(byEntity.get(entity) ?? []), words.actions[action]]);
  }
  const lines = [...byEntity].map(
    ([entity, actions]) => words.entities[entity] + words.colon + actions.join(", "),
  );
  return lines.join(words.semicolon);
}
