import { counted } from "./plural";
import type { waiting as french } from "./waiting-fr";

/** The words of the waiting list, which the list of the team does without. */
export const waiting: typeof french = {
  title: "Waiting list",
  lead: "When a seat is free, the first person on the list gets it and receives their invitation.",
  promised: "Promised seats",
  promisedHelp: (n) =>
    `${counted("en", n, "free seat goes", "free seats go")} to the waiting list within five minutes.`,
  since: (by, when) => `since ${when}, added by ${by}`,
  top: "To the top",
  toTop: (who) => `Move ${who} to the top of the list`,
  up: (who) => `Move ${who} up`,
  down: (who) => `Move ${who} down`,
  remove: (who) => `Remove ${who} from the waiting list`,
  moved: (who, position) => `${who} is now no. ${position} on the list.`,
  stale: "The list has just changed. This is the new one: your change was not saved.",
  rights: "These permissions take effect when a seat is free and the invitation is accepted:",
};
