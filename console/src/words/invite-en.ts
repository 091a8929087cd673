import { inReach } from "./en-team";
import type { invite as french } from "./invite-fr";
import { counted } from "./plural";

const many = (n: number, one: string, other: string) => counted("en", n, one, other);

/** The texts of the form that invites, which the other pages do without. */
export const invite: typeof french = {
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
  wait: "Put on the waiting list",
  waitHelp: "A person without a seat is invited as soon as a seat is free for them.",
  waitButton: "Put on the waiting list",
  waits: (who, position) => `${who} waits for a seat: no. ${position} on the list.`,
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
  doneWaiting: (position) => `waiting for a seat, no. ${position}`,
  sendMany: (n) => `Invite ${many(n, "person", "people")}`,
  sending: (done, of) => `${done} of ${of}…`,
  summary: (done, failed, waiting) =>
    `${[
      (done > 0 || waiting === 0) && `${many(done, "invitation", "invitations")} sent`,
      waiting > 0 && `${many(waiting, "person", "people")} on the waiting list`,
      (failed > 0 || waiting === 0) && `${failed} failed`,
    ]
      .filter(Boolean)
      .join(", ")}.`,
  again: (n) => `Retry ${many(n, "failed invitation", "failed invitations")}`,
  seatsAfter: (free) => `${many(free, "seat", "seats")} left in the contract.`,
  tooFewSeats: (n, free, wait) =>
    `${many(n, "person", "people")} for ${many(free, "free seat", "free seats")}: ${wait ? "people beyond the limit will wait" : "invitations beyond the limit will fail"}, except for people who already have a seat.`,
};
