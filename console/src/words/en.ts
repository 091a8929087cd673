import type { Reach } from "../api/scopes";
import type { Words } from "./fr";
import { invitation, invite } from "./invite-en";
import { counted, listed } from "./plural";

const many = (n: number, one: string, other: string) => counted("en", n, one, other);

const inReach = ({ events, communities }: Reach) => {
  const counts = [
    events > 0 && many(events, "event", "events"),
    communities > 0 && many(communities, "community", "communities"),
  ].filter((count) => count !== false);
  return counts.length > 0 ? ` (${listed("en", counts)})` : "";
};

/** The page's texts in English. */
export const en: Words = {
  name: "English",
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
  dates: {
    never: "never",
    none: "no end date",
  },

  signIn: {
    title: "Sign in",
    lead: (product) =>
      `${product} shows who can do what in your back office, and until when. Sign in with your own account.`,
    button: "Sign in",
    working: "Signing in…",
    failed: "Sign-in failed.",
    out: "You are signed out.",
    leave: "Sign out",
    noAddress: "Your account did not provide an e-mail address.",
  },

  home: {
    title: "Your access",
    lead: "Choose a level to see who has access there.",
    none: "You have no access",
    noneHelp: (email) =>
      `If you were invited, open the link in the invitation sent to ${email}. Otherwise, ask an administrator for access.`,
    yourRole: (role) => `your role: ${role}`,
  },

  levels: { client: "Client", audience: "Audience", event: "Event", community: "Community" },

  roles: {
    owner: "Owner",
    administrator: "Administrator",
    contributor: "Contributor",
    reader: "Reader",
    manager: "Manager",
    supervisor: "Supervisor",
    observer: "Observer",
    custom: "Custom",
    unknown: "Unknown role",
  },

  roleHelp: {
    owner: "Everything: personal data, exports, configuration, access rights and transferring ownership.",
    administrator: "Full access: personal data and exports, content, configuration and access rights.",
    contributor:
      "Manages all content, including contacts and orders (personal data), with import and export. No configuration or access rights.",
    reader:
      "Reads all content, including contacts and orders (personal data), but cannot change or export anything.",
    manager: "Dashboard, contacts (personal data, no import or export), campaigns and settings.",
    supervisor: "Dashboard and contacts (personal data), with export of contacts.",
    observer: "Dashboard and contacts (personal data), read only and without export.",
    custom: "Selected rights, including personal data and exports if you select them. Never access rights.",
    unknown: "No rights for now: an update of the service is in progress.",
  },

  entities: {
    dashboard: "Dashboard",
    contacts: "Contacts",
    content: "Content",
    sessions: "Sessions",
    speakers: "Speakers",
    partners: "Partners",
    meetings: "Meetings",
    orders: "Orders",
    campaigns: "Campaigns",
    checkin: "Check-in",
    reports: "Reports",
    settings: "Settings",
    access: "Access rights",
    history: "History",
  },

  actions: {
    view: "view",
    manage: "manage",
    import: "import",
    export: "export",
    send: "send",
    scan: "scan",
  },

  statuses: { pending: "Pending", active: "Active", expired: "Expired" },

  delivery: {
    bounced: "e-mail rejected by the recipient's server",
    failed: "e-mail could not be sent",
    suppressed: "address blocked after an earlier rejection: ask support to unblock it",
  },

  seats: {
    label: "Seats",
    used: (used, limit) =>
      limit === null
        ? `${many(used, "seat", "seats")} in use, no limit`
        : `${used} of ${many(limit, "seat", "seats")}`,
    free: (free) => (free > 0 ? `${many(free, "seat", "seats")} free` : "no seats left"),
    over: (over) => `${many(over, "seat", "seats")} over the contract limit`,
    title: "Seats in your contract",
    lead: "A collaborator uses one seat from the time they are invited, however many rights they have. The seat is freed when they lose their last right.",
    limit: "Seats in your contract",
    unlimited: "unlimited",
    taken: "Seats in use",
    active: "Active collaborators",
    pending: "Pending invitations",
    audit: "Last audit",
    noAudit: "No audit yet. An audit runs once a day.",
    counted: "Seats counted",
    drift: "Difference",
    repaired: "Corrections",
    expiredInvitations: "Invitations expired",
    expiredGrants: "Rights expired",
    overLimit: "Over the limit",
    dormant: "No recent login",
    undeliverable: "Unreachable addresses",
  },

  tabs: {
    label: "Sections",
    people: "Access rights",
    history: "History",
    seats: "Seats",
    announcement: "Announcement",
    owner: "Ownership",
  },

  grid: {
    title: (scope) => `Who has access to ${scope}`,
    invite: "Invite",
    print: "Print",
    search: "Search by name or address",
    status: "Status",
    role: "Role",
    origin: "Origin",
    all: "All",
    allOrigins: "All",
    direct: "Granted here",
    inherited: "Inherited",
    below: "Include people with access at lower levels only",
    clear: "Clear filters",
    person: "Person",
    here: "Role here",
    elsewhere: "Access from elsewhere",
    lastLogin: "Last login",
    ends: "Access ends",
    actions: "Actions",
    select: (who) => `Select ${who}`,
    selectAll: "Select everyone shown",
    edit: (who) => `Change access for ${who}`,
    resend: (who) => `Resend the invitation to ${who}`,
    sort: (column) => `Sort by ${column}`,
    none: "No matches",
    empty: "No one has access at this level yet.",
    shown: (n, more) => (more ? `first ${n} people` : many(n, "person", "people")),
    noRoleHere: "no role here",
    rights: (n) => many(n, "right", "rights"),
    from: (role, scope, level) => (scope ? `${role} · ${scope} (${level})` : `${role} (${level})`),
    inheritedFrom: "inherited",
    lowerLevel: "lower level",
    ended: "expired",
    overridden: "not in effect: an administrator role takes precedence",
    validUntil: (when) => `valid until ${when}`,
    expiredOn: (when) => `expired on ${when}`,
    selected: (n) => many(n, "person selected", "people selected"),
    revoke: "Remove access",
    unselect: "Clear selection",
    mine: "You",
    mayNotList: "You cannot see who else has access here. Below is your own access.",
  },

  invite,

  role: {
    title: (who) => `Access for ${who}`,
    at: (scope) => `Level: ${scope}`,
    lead: "The role granted here adds to any access from higher levels.",
    elsewhere: (scope) =>
      `No role is granted at ${scope} itself. Change access where it was granted, or grant one more role.`,
    change: "Change",
    changeAt: (scope) => `Change access at ${scope}`,
    notYours: "can be changed by an administrator of that level",
    give: (scope, reach) => `Also grant a role at ${scope}${inReach(reach)}`,
    gives: (scope, reach) => `You are granting one more role, at ${scope}${inReach(reach)}.`,
    giveButton: "Grant this role",
    permissions: "Rights",
    permissionsHelp: "Selecting any right in a row also selects “view”.",
    chooseOne: "Choose at least one right.",
    ends: "Access ends",
    endsHelp: "Leave empty for access with no end date. Uses this device's time zone.",
    reason: "Reason",
    reasonHelp: "Recorded in the history.",
    saved: (who) => `Access for ${who} has been saved.`,
  },

  conflict: {
    title: "Someone else has just changed this access",
    lead: "Nothing was overwritten. Compare, then choose.",
    seen: "What you saw",
    current: "Current access",
    change: "Your change",
    save: "Save mine anyway",
    discard: "Keep current access",
    gone: "This access has since been removed.",
  },

  resend: {
    button: "Resend invitation",
    wait: (seconds) => `Can be resent in ${many(seconds, "second", "seconds")}`,
    done: (who) => `A new invitation is on its way to ${who}. The old link no longer works.`,
  },

  revoke: {
    title: (n) => `Remove access for ${many(n, "person", "people")}`,
    where: "Level",
    here: (scope) => `${scope} only`,
    below: (scope) => `${scope} and all lower levels`,
    removed: "To be removed",
    remaining: "Remaining",
    nothingHere: "no access left here",
    onlyBelow: (option) =>
      `No access at this level itself, only at lower ones. Choose “${option}” to remove it.`,
    fromAbove: (scope) => `This access comes from higher up: ${scope}. It cannot be removed here.`,
    openAbove: (scope) => `Open ${scope}`,
    owner: "Ownership cannot be removed, only transferred.",
    frees: (n) => (n > 0 ? `Frees ${many(n, "seat", "seats")}.` : "Frees no seats."),
    freesUpTo: (n) =>
      `Frees at most ${many(n, "seat", "seats")}: people with access at other levels, not visible here, keep their seat.`,
    result: "Result",
    done: "removed",
    freed: "seat freed",
    summary: (done, freed) =>
      `Access removed for ${many(done, "person", "people")}, ${many(freed, "seat", "seats")} freed.`,
    leave: "Leave this level",
    leaveTitle: (scope) => `Leave ${scope}`,
  },

  collaborator: {
    grants: "Access rights",
    role: "Role",
    by: "Granted by",
    at: "Granted on",
    ends: "Ends",
    why: "What this person can do here, and why",
    whyHelp: (scope) => `At ${scope}, computed by the same rules as every access check.`,
    nothing: "No rights at the moment.",
    pending: "These rights take effect when the invitation is accepted:",
    history: "History of this person",
    missing: "This person does not have access here, or no longer does.",
  },

  history: {
    title: (scope) => `History of ${scope}`,
    lead: "All changes at this level and below, newest first.",
    none: "No changes yet.",
    platform: "The platform",
    audit: "The daily audit",
    erasure: "Data erasure",
    of: (who) => `Show only ${who}`,
    everyone: "Show everyone",
    reason: (why) => `Reason: ${why}`,
    nothing: "no access",
    actions: {
      invited: (by, who) => `${by} invited ${who}`,
      granted: (by, who) => `${by} granted access to ${who}`,
      "role-changed": (by, who) => `${by} changed ${who}'s role`,
      resent: (by, who) => `${by} resent the invitation to ${who}`,
      activated: (_by, who) => `${who} accepted the invitation`,
      revoked: (by, who) => `${by} removed ${who}'s access`,
      left: (_by, who) => `${who} gave up their access`,
      "invitation-expired": (_by, who) => `The invitation to ${who} expired`,
      "access-expired": (_by, who) => `${who}'s access expired`,
      "ownership-received": (by, who) => `${by} transferred ownership to ${who}`,
      "ownership-handed-over": (by, who) => `${by} transferred ${who}'s ownership`,
      "account-unbound": (by, who) => `${by} unlinked ${who}'s account`,
      "email-changed": (by, who) => `${by} changed the address of ${who}`,
      erased: (_by, who) => `${who}'s data was erased`,
      unknown: (by, who) => `${by} made another change for ${who}`,
    },
  },

  announcement: {
    title: (scope) => `Announcement to everyone at ${scope}`,
    lead: "All active collaborators at this level and below receive it by e-mail.",
    subject: "Subject",
    text: "Message",
    textHelp: "Plain text. 2,000 characters maximum.",
    send: "Send to everyone",
    sent: (n) => `The announcement is on its way to ${many(n, "person", "people")}.`,
  },

  owner: {
    title: (scope) => `Ownership of ${scope}`,
    lead: "The owner has every right at this level and below. After a transfer, the former owner becomes an administrator.",
    none: "This level has no owner of its own: the owner of the level above applies.",
    current: "Current owner",
    to: "New owner",
    choose: "Choose an active collaborator",
    noOthers: "There is no other active collaborator here. Invite the new owner first.",
    sure: "I understand that I cannot take ownership back myself.",
    button: "Transfer ownership",
    done: (who) => `${who} is now the owner.`,
    changed: "This level has since been changed. Check the current owner, then try again.",
  },

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
    seeSeats: "See who uses the seats",
    openCollaborator: "View this person",
    inheritedFrom: (scopes) => `Granted at: ${scopes}`,
    crashed: "Something went wrong on this page. Reload it: nothing you saved is lost.",
    notForYou: "You do not have access to this section. Ask an administrator or the owner.",
    notFound: "Page not found",
  },
};
