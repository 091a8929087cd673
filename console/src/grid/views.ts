import type { Collaborator } from "../api/client";
import type { Filter } from "../api/queries";
import { hasEnded } from "./grants";

/** The views of a team: everyone, or those in one state. */
export const VIEWS = [
  "all",
  "active",
  "pending",
  "undeliverable",
  "ending",
  "dormant",
  "suspended",
  "expired",
  "declined",
  "waiting",
] as const;

export type View = (typeof VIEWS)[number];

const DAY = 86_400_000;

/** How soon an end of access needs attention, in days. */
export const SOON = 30;

/** After how many days without a login an active person is dormant (docs/domain.md#rule-13). */
const DORMANT = 90;

/** The filter of the API. The time is that of the day, so that one view is one query. */
export function filterOf(view: View): Filter {
  switch (view) {
    case "active":
    case "pending":
    case "suspended":
    case "expired":
    case "declined":
    case "waiting":
      return { status: view };
    case "undeliverable":
      return { delivery: "undeliverable" };
    case "dormant":
      return { dormant: true };
    case "ending":
      return { expiresBefore: new Date(new Date().setHours(0, 0, 0, 0) + SOON * DAY).toISOString() };
    default:
      return {};
  }
}

/** Whether a view shows a collaborator, as the API decides it. Times are epoch milliseconds. */
export function isIn(view: View, { status, invitation, grants, lastLoginAt }: Collaborator, now: number) {
  switch (view) {
    case "all":
      return true;
    case "undeliverable":
      return status === "pending" && ["bounced", "failed"].includes(invitation?.delivery ?? "");
    case "dormant": {
      const since =
        lastLoginAt ??
        grants
          .map(({ grantedAt }) => grantedAt)
          .sort()
          .at(-1) ??
        "";
      return status === "active" && Date.parse(since) < now - DORMANT * DAY;
    }
    case "ending": {
      const until = Date.parse(filterOf("ending").expiresBefore ?? "");
      return grants.some(
        (grant) => grant.endsAt !== null && !hasEnded(grant, now) && Date.parse(grant.endsAt) < until,
      );
    }
    default:
      return status === view;
  }
}

/** How many of the collaborators each view shows. */
export function countsOf(
  collaborators: readonly Collaborator[],
  now = Date.now(),
): ReadonlyMap<View, number> {
  return new Map(VIEWS.map((view) => [view, collaborators.filter((each) => isIn(view, each, now)).length]));
}
