import type { pages as french } from "./fr-pages";
import { counted } from "./plural";

const many = (n: number, one: string, other: string) => counted("en", n, one, other);

/** The words of the other pages. */
export const pages: typeof french = {
  rail: {
    label: "Events",
    open: "Open the menu",
    home: "Home",
    support: "Support",
    wholeClient: "Whole team",
    client: (name) => `Account: ${name}`,
    choose: "Choose an account",
    events: "Events",
    search: "Search for an event",
    none: "No event matches.",
  },

  home: {
    title: "Home",
    none: "You have no access",
    noneHelp: (email) =>
      `If you were invited, open the link sent to ${email}. Otherwise, ask the person who manages the team for access.`,
    lost: (n) => [many(n, "address rejected", "addresses rejected"), "Correct and resend"],
    renewals: (n) => [`${many(n, "person asks", "people ask")} for a new link`, "Resend the invitation"],
    declined: (n) => [many(n, "declined invitation", "declined invitations"), "See the reasons"],
    waitingList: (n) => [`${many(n, "person waits", "people wait")} for a seat`, "See the waiting list"],
    pending: (n) => [many(n, "unanswered invitation", "unanswered invitations"), "Send reminders"],
    ending: (isMore) => (n) => [
      `Access ends soon for ${isMore ? "more than " : ""}${many(n, "person", "people")}`,
      "Extend",
    ],
    dormant: (n) => [
      many(n, "account without a login for 90 days", "accounts without a login for 90 days"),
      "Review",
    ],
    alone:
      "You are the only person here so far. Invite your team: each with their own access, no password to share.",
    invite: "Invite the team",
    events: "Events",
    event: "Event",
    dates: "Dates",
    group: "Group",
    team: "Team",
    waiting: "Invited",
    role: "Your role",
    noEvents: "No events yet. They appear here when the platform creates them.",
  },

  matrix: {
    title: (scope) => `People and events – ${scope}`,
    lead: "Click a role to change it, or empty cells to give access. A heading selects its whole column.",
    search: "Search for an event",
    cell: (who, scope) => `${who}, ${scope}:`,
    column: (scope) => `Select the whole column ${scope}`,
    none: "no access",
    chosen: (n) => `${many(n, "role", "roles")} to give`,
    give: "Give a role…",
  },

  seats: {
    label: "Seats",
    used: (used, limit) =>
      limit === null
        ? `${many(used, "seat", "seats")} used, no limit`
        : `${used} of ${many(limit, "seat", "seats")} used`,
    free: (free) => (free > 0 ? many(free, "free seat", "free seats") : "no free seats"),
    over: (over) => `${many(over, "seat", "seats")} over the contract`,
    title: (scope) => `Contract – ${scope}`,
    lead: "Each invited person uses one seat, however many events they work on. The seat is freed when their last access is removed.",
    limit: "Seats in your contract",
    unlimited: "no limit",
    active: "Active",
    pending: "Invited",
    toFree: "Seats you could free",
    audit: (when) => `Figures from the daily audit of ${when}.`,
    noAudit: "The first daily audit has not run yet.",
  },

  history: {
    title: (scope) => `History – ${scope}`,
    by: "By",
    on: "Affected person",
    someone: "one person",
    what: "What",
    when: "When",
    lastDays: (days) => `Last ${days} days`,
    dates: "From… to…",
    from: "From",
    until: "To",
    since: (day) => `from ${day}`,
    to: (day) => `to ${day}`,
    all: "All history",
    none: "No change matches.",
    platform: "The platform",
    via: (who) => `The platform on behalf of ${who}`,
    audit: "The daily audit",
    erasure: "Data erasure",
    waitingList: "The waiting list",
    reason: (why) => `Reason: ${why}`,
    nothing: "no access",
    became: "became",
    endsAt: (when) => `until ${when}`,
  },
};
