import type { Words } from "./fr";
import { counted, listed } from "./plural";

const many = (n: number, one: string, other: string) => counted("en", n, one, other);

/** The texts of the form that invites. */
export const invite: Words["invite"] = {
  title: (scope) => `Invite to ${scope}`,
  one: "One person",
  many: "Several people",
  how: "How many people?",
  email: "E-mail address",
  personName: "Name",
  role: "Role",
  locale: "E-mail language",
  localeDefault: "client default",
  message: "Personal message",
  messageHelp: "Included in the invitation as is. 500 characters maximum.",
  send: "Send invitation",
  sent: (who) => `The invitation is on its way to ${who}.`,
  granted: (who) => `${who} now has access here. A notification e-mail is on its way.`,
  lines: "One person per line: address; name; role",
  linesHelp:
    "Paste addresses or a table, or open a CSV file. Name and role are optional: a line without a role gets the one chosen below.",
  file: "Open a CSV file",
  line: "Line",
  result: "Result",
  ready: "ready",
  faults: {
    "no-address": "invalid address",
    duplicate: "duplicate",
    unclosed: "unclosed quote",
    damaged: "unreadable characters: correct this line",
    several: "several addresses: write one per line",
    inactive: "deactivated account",
  },
  noSuchRole: (role) => `role “${role}” not available here`,
  columns: "Columns",
  columnsHelp: (line) =>
    line === undefined ? "No headings: the columns are a guess." : `Headings found on line ${line}.`,
  column: (n, sample) => `Column ${n} (${sample})`,
  uses: {
    email: "address",
    name: "full name",
    first: "first name",
    last: "last name",
    role: "role",
    status: "active account or not",
    ignored: "ignored",
  },
  ignoredColumns: (names) => `Ignored columns: ${names}`,
  toChoose: "please choose",
  chooseColumns: "Say what each column marked “please choose” contains.",
  meaning: (word) => `“${word}”: which role?`,
  done: "invitation sent",
  doneActive: "access granted",
  sendMany: (n) => `Invite ${many(n, "person", "people")}`,
  sending: (done, of) => `${done} of ${of}…`,
  summary: (done, failed) => `${many(done, "invitation", "invitations")} sent, ${failed} failed.`,
  again: (n) => `Retry ${many(n, "failed invitation", "failed invitations")}`,
  seatsAfter: (free) => `${many(free, "seat", "seats")} left in your contract.`,
  tooFewSeats: (n, free) =>
    `${many(n, "person", "people")} for ${many(free, "free seat", "free seats")}: invitations beyond the limit will fail, except for people who already have a seat.`,
};

/** The texts of the page that an invited person sees. */
export const invitation: Words["invitation"] = {
  title: "Invitation",
  by: (who, client) => `${who} invites you to join ${client}.`,
  gives: "You will have access to",
  for: (email) => `This invitation is for ${email}.`,
  until: (when) => `Valid until ${when}.`,
  accept: "Accept the invitation",
  signIn: (email) => `Sign in as ${email} to accept`,
  other: (email) => `You are signed in as ${email}, but this invitation is for another address.`,
  switch: "Sign in with the invited address",
  accepted: (scopes) => `Welcome! You now have access to ${listed("en", scopes)}.`,
  go: "See your access",
  none: "To open an invitation, use the link in the e-mail you received.",
  dead: "This link is not valid",
  deadHelp:
    "A newer link may have replaced it, or the invitation may have been withdrawn. Open the most recent e-mail, or ask for a new invitation.",
  deadSignedIn: "Already accepted the invitation?",
  expired: "This invitation has expired",
  expiredHelp: "Ask the person who invited you to resend it. You will receive a new link.",
  ended: "The access of this invitation has ended",
  endedHelp: "Ask the person who invited you for a new invitation.",
  used: "This invitation was already accepted",
  usedHelp: "Sign in with the account that accepted it.",
};
