import type { event as french } from "./event-fr";
import { counted } from "./plural";

const people = (n: number) => counted("en", n, "person", "people");

/** The words of the page of an event. */
export const event: typeof french = {
  title: (scope) => `Dates and access – ${scope}`,
  dates: "Dates",
  undated: "No dates yet. They come from the platform.",
  end: "End of access",
  never: "Access does not end with the event.",
  ends: (n, when) => (n === 0 ? `Access will end on ${when}.` : `Access of ${people(n)} ends on ${when}.`),
  ended: (n, when) => (n === 0 ? `Access ended on ${when}.` : `Access of ${people(n)} ended on ${when}.`),
  outliving: (n) => `${people(n)} ${n === 1 ? "keeps" : "keep"} access after the event.`,
  moves: "If the event moves, the end of access moves with it.",

  archived: (when) => `Archived on ${when}. No one has access any more, except above the event.`,
  archive: "Archive",
  archiveTitle: (scope) => `Archive ${scope}`,
  archiveLead:
    "Access to the event ends at once. Its history stays. You can take it out of the archive at any time.",
  loses: (n) => `${people(n)} ${n === 1 ? "loses" : "lose"} access.`,
  losesNone: "No one loses access.",
  archivedNow: (scope) => `${scope} is archived.`,
  unarchive: "Take out of the archive",
  unarchivedNow: (scope) => `${scope} is out of the archive.`,
  notUnarchived: (scope) => `${scope} is still archived. Try again.`,

  copy: "Bring a team over",
  copyLead: "The team of another event gets the same roles here. You choose the people and their roles.",
  from: "Team of",
  choose: "Choose an event",
  noOther: "There is no other event to bring a team from.",
  preview: "Show the team",
  atEnd: "The team as it was when access ended.",
  none: "This event has no team to bring over.",
  roleOf: (who) => `Role of ${who}`,
  takes: (n) => `Give access to ${people(n)}`,
  seats: (before, after) => (after === before ? "No more seats." : `Seats used: ${before}, then ${after}.`),
  mails: "People without access get an invitation, the others an e-mail.",
  wait: "Put on the waiting list",
  waitHelp: "A person without a seat is invited as soon as a seat is free for them.",
  done: (n, waiting) =>
    [
      (n > 0 || waiting === 0) && `${people(n)} ${n === 1 ? "has" : "have"} access.`,
      waiting > 0 && `${people(waiting)} ${waiting === 1 ? "waits" : "wait"} for a seat.`,
    ]
      .filter(Boolean)
      .join(" "),
  refused: (n) => `${people(n)} without access:`,
};
