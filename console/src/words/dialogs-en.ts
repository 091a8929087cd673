import type { dialogs as french } from "./dialogs-fr";
import { counted } from "./plural";

const many = (n: number, one: string, other: string) => counted("en", n, one, other);

/** The words of dialogs of the team, which load with them. */
export const dialogs: typeof french = {
  give: {
    title: (to) => `Give access to ${typeof to === "number" ? many(to, "person", "people") : to}`,
    where: "Which events?",
    search: "Search for an event",
    button: (n) => (n > 0 ? `Give ${many(n, "role", "roles")}` : "Give access"),
    nothing: "Choose at least one event.",
    done: (n) => `${many(n, "role", "roles")} given.`,
    result: "Result",
    summary: (done, failed) => `${done} given, ${failed} failed.`,
  },

  conflict: {
    title: "Someone else has just changed this access",
    lead: "Nothing was overwritten. Compare, then choose.",
    seen: "What you saw",
    current: "Current version",
    change: "Your change",
    save: "Replace with mine",
    discard: "Keep the current version",
    gone: "This access has since been removed.",
  },
};
