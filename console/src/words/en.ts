import * as catalogue from "virtual:catalogue/en";
import { pages } from "./en-pages";
import { team } from "./en-team";
import type { Words } from "./fr";
import { invitation } from "./invitation-en";
import { counted } from "./plural";

const many = (n: number, one: string, other: string) => counted("en", n, one, other);

/** The page's texts in English. */
export const en: Words = {
  skip: "Skip to content",
  menu: "Navigation",
  close: "Close",
  cancel: "Cancel",
  save: "Save",
  retry: "Try again",
  reload: "Reload",
  loading: "Loading…",
  more: "Show more",
  colon: ": ",
  semicolon: "; ",
  optional: "optional",
  yes: "yes",
  no: "no",
  inbox: "Inbox",
  platform: "Open the back office",
  undo: "Undo",
  account: (who) => `Your account: ${who}`,
  dates: {
    never: "never",
    none: "no end",
    calendar: "Calendar",
    previous: "Previous month",
    next: "Next month",
  },

  signIn: {
    title: "Sign in",
    lead: "Decide who can do what on your events, and until when. Everyone has their own access, and no password is shared.",
    button: "Sign in",
    working: "Signing in…",
    failed: "Sign-in failed",
    out: "You are signed out",
    leave: "Sign out",
    noAddress: "Your account did not provide an e-mail address",
  },

  levels: { client: "Account", audience: "Event group", event: "Event", community: "Community" },

  roles: { ...catalogue.roles, unknown: "Unknown role" },
  roleHelp: {
    ...catalogue.roleHelp,
    unknown: "No rights for now: an update of the service is in progress.",
  },
  entities: catalogue.entities,
  actions: catalogue.actions,

  statuses: {
    pending: "Invited",
    active: "Active",
    expired: "Ended",
    suspended: "Suspended",
    declined: "Declined",
    waiting: "Waiting for a seat",
  },

  delivery: {
    bounced: "address rejected",
    failed: "e-mail not sent",
    suppressed: "address blocked after a rejection: ask support to unblock it",
  },

  tabs: {
    label: "Sections",
    people: "Team",
    matrix: "People and events",
    event: "Dates and access",
    history: "History",
    seats: "Contract",
    roles: "Roles",
    announcement: "Message",
    owner: "Ownership",
  },

  ...team,
  ...pages,

  invitation,

  problems: {
    title: "Something went wrong",
    offline: "No connection",
    offlineHelp: "The service is not responding. Check your connection. Your input has been kept.",
    "try-again": "Service busy",
    "try-againHelp": "The service is busy. Try again in a moment. Your input has been kept.",
    "signed-out": "Session expired",
    "signed-outHelp": "Sign in again to continue.",
    unexpected: "Unexpected response",
    unexpectedHelp: "Reload the page. If the problem persists, report it.",
    request: (id) => `Request ID: ${id}`,
    wait: (seconds) => `You can try again in ${many(seconds, "second", "seconds")}.`,
    waitUntil: (when) => `You can try again ${when}.`,
    seeSeats: "See which seats you could free",
    openCollaborator: "View this person",
    inheritedFrom: (scopes) => `Granted at: ${scopes}`,
    crashed: "Something went wrong on this page. Reload it: nothing you saved is lost.",
    notForYou: "You do not have access to this section. Ask the person who manages the team.",
    notFound: "Page not found",
  },
};
