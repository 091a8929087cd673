import { counted } from "./plural";
import type { support as french } from "./support-fr";

const many = (n: number, one: string, other: string) => counted("en", n, one, other);

/** The texts of the page of support. */
export const support: typeof french = {
  title: "Support",
  lead: "Find a person or a team. You can look at everything, and change nothing.",
  notForYou: "This page is for the support of the platform.",
  person: "Find a person",
  email: "E-mail address",
  emailHelp: "The complete address, as it was invited.",
  find: "Search",
  found: (n, who) => `${who}: ${many(n, "account", "accounts")}`,
  nowhere: (who) => `${who} has no access in any account, and no invitation.`,
  where: "Where",
  role: "Role",
  ends: "End",
  lastLogin: "Last login",
  refused: (when) => `Login refused with another account: ${when}`,
  delivery: "Invitation e-mail",
  deliveries: {
    none: "no e-mail sent",
    queued: "being sent",
    sent: "has been sent",
    delivered: "has arrived",
    bounced: "rejected by the recipient",
    failed: "could not be sent",
  },
  validUntil: (day) => `invitation valid until ${day}`,
  open: (client) => `Show in the team of ${client}`,
  why: "What may this person do?",
  scope: "Place",
  right: "Permission",
  ask: "Check",
  allowed: (who, what, where) => `Yes. ${who} may do “${what}” at ${where}.`,
  because: (role, where) => `It comes from the role ${role}, given on ${where}.`,
  denied: (who, what, where) => `No. ${who} may not do “${what}” at ${where}.`,
  notActive: "Their access is not active: none of their roles gives permissions.",
  noGrant: "None of their roles gives this permission there.",
  clients: "All accounts",
  searchClients: "Search for an account",
  client: "Account",
  owner: "Owner",
  seats: "Seats",
  noClient: "No account matches.",
};
