import type { changes as french } from "./changes-fr";
import { counted } from "./plural";

const many = (n: number, one: string, other: string) => counted("fr", n, one, other);

/** The words for several people at once, and for suspensions. */
export const changes: typeof french = {
  changes: {
    button: "Change role or end",
    title: (n) => `Change access for ${many(n, "person", "people")}`,
    lead: (scope) =>
      `The role and the end change at ${scope}. Fields left at “Do not change” keep their value.`,
    role: "Role",
    same: "Do not change",
    ends: "End of access",
    setEnd: "On a date",
    noEnd: "No end",
    date: "Date and time",
    nothing: "Choose a role or an end.",
    noDate: "Enter the date.",
    result: "Result",
    done: "changed",
    summary: (done, failed) => `${done} changed${failed > 0 ? `, ${failed} failed` : ""}.`,
  },

  suspension: {
    suspend: "Suspend access",
    restore: "Restore access",
    title: (who) => `Suspend access for ${who}`,
    lead: "This person can no longer do anything at any level of the client, and their seat is freed. Their roles are kept: access can be restored at any time if a seat is free.",
    suspended: (who) => `Access for ${who} is suspended.`,
    restored: (who) => `Access for ${who} is restored.`,
  },

  attention: {
    label: "Needs attention",
    all: "All",
    dormant: "No login for 90 days",
    undeliverable: "E-mail not delivered",
    ending: "Ends within 30 days",
  },
};
