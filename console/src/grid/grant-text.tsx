import type { GrantState, Permission, Role } from "../api/client";
import { isInCatalogue, useRoleWords } from "../api/roles";
import { useDates, useWords } from "../words/provider";
import { rightsText } from "../words/rights";

/** A grant that the user is editing. */
export interface GrantInput {
  role: Role;
  permissions?: readonly Permission[];
  expiresAt: string | null;
}

/** A grant as text: role, rights of a role whose rights are not always the same, status, end. */
export function GrantText({ state }: { state: GrantInput | GrantState | null | undefined }) {
  const words = useWords();
  const { roleName } = useRoleWords();
  const dates = useDates();
  if (!state) return words.history.nothing;
  const ends = state.expiresAt ? `, ${words.history.endsAt(dates.day(state.expiresAt))}` : "";
  const varies = state.role === "custom" || !isInCatalogue(state.role);
  const rights = varies && state.permissions?.length ? ` (${rightsText(state.permissions, words)})` : "";
  const status =
    "status" in state && state.status !== "active" && state.status !== "unknown"
      ? `, ${words.statuses[state.status].toLowerCase()}`
      : "";
  return `${roleName(state.role)}${rights}${status}${ends}`;
}
