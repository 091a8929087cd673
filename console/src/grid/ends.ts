import { endOfDay, plusMonths } from "../words/dates";

/** How the end of an access changes. */
export type EndChange = { to: "none" } | { to: "date"; day: string } | { to: "later"; months: number };

/** The presets of the menus, in months. */
export const LATER = [1, 3, 6] as const;

/**
 * The end after a change, in the API's format. `undefined` if nothing changes: an access without an end is not moved to
 * a later one. An end in the past is moved from now on.
 */
export function changedEnd(
  change: EndChange,
  before: string | null | undefined,
  now = Date.now(),
): string | null | undefined {
  if (change.to === "none") return before ? null : undefined;
  if (change.to === "date") return endOfDay(change.day);
  if (!before) return undefined;
  return plusMonths(new Date(Math.max(Date.parse(before), now)), change.months);
}
