import { inReach } from "./en-team";
import type { Words } from "./fr";
import { counted, listed } from "./plural";

const many = (n: number, one: string, other: string) => counted("en", n, one, other);

/** The texts of the form that invites. */
export const invite: Words["invite"] = {
  title: (scope) => `Invite people – ${scope}`,
  reach: (scope, reach) => `The role applies to ${scope}${inReach(reach)}.`,
  addresses: "E-mail addresses",
  addressesHelp:
    "One address or many, pasted from anywhere: your mail program, an Excel table with names and roles…",
  noAddress: "Enter at least one e-mail address.",
  personName: "Name",
  options: "Options: name, language, personal message",
  locale: "E-mail language",
  localeDefault: "account default",
  message: "Personal message",
  messageHelp: "Included in the invitation as is. 500 characters at most.",
  send: "Send invitation",
  sent: (who) => `Invitation sent to ${who}.`,
  granted: (who) => `${who} now has access here, and receives an e-mail.`,
  sentMany: (n) => `${many(n, "invitation", "invitations")} sent.`,
  undone: (n) => `${many(n, "invitation", "invitations")} withdrawn.`,
  notUndone: "The invitations could not be withdrawn.",
  file: "Open a CSV file",
  fixAddress: (line) => `Address on line ${line}`,
  fixRole: (line) => `Role on line ${line}`,
  planned: (n, wrong) =>
    `${many(n, "person", "people")} to invite${wrong > 0 ? `, ${wrong} to correct` : ""}.`,
  line: "Line",
  result: "Result",
  ready: "will be invited",
  faults: {
    "no-address": "no valid address",
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
  seatsAfter: (free) => `${many(free, "seat", "seats")} left in the contract.`,
  tooFewSeats: (n, free) =>
    `${many(n, "person", "people")} for ${many(free, "free seat", "free seats")}: invitations beyond the limit will fail, except for people who already have a seat.`,
};

/** The texts of the page that an invited person sees. */
export const invitation: Words["invitation"] = {
  title: "Invitation",
  to: (scopes) => `Invitation: ${listed("en", scopes)}`,
  by: (who, email, client) =>
    `${email && email !== who ? `${who} (${email})` : who} invites you to join the team of ${client}.`,
  gives: "What you will be able to do",
  for: (email) => `This invitation is for ${email}.`,
  until: (when) => `Valid until ${when}.`,
  accept: "Accept the invitation",
  signIn: (email) => `Sign in as ${email} and accept`,
  other: (invited, mine) => `This invitation is for ${invited}; you are signed in as ${mine}.`,
  switch: (email) => `Sign in as ${email}`,
  ask: (email) => `Ask for an invitation for ${email}`,
  askSubject: "Invitation for another address",
  askText: (email, client) =>
    `Hello,\n\nMy account uses the address ${email}. Could you invite me to the team of ${client} at that address?\n\nThank you!`,
  welcome: "Welcome!",
  accepted: (scopes) => `You now have access to ${listed("en", scopes)}.`,
  open: (scope) => `Open ${scope}`,
  go: "See your access",
  none: "To open an invitation, use the link in the e-mail you received.",
  dead: "This link is no longer valid",
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
