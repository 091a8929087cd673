import type { Words } from "./fr";
import { listed } from "./plural";

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
  expiredHelp: "The person who invited you can send you a new link.",
  renew: "Ask for a new link",
  renewed: "Your request has been sent. You will receive an e-mail as soon as you are invited again.",
  decline: "Decline",
  declining: "Decline the invitation",
  declineHelp: "The link will stop working. The person who invites you receives your answer.",
  reason: "Reason (optional)",
  back: "Back to the invitation",
  declined: "You declined the invitation",
  declinedHelp: "Thank you for your answer. There is nothing else to do.",
  ended: "The access of this invitation has ended",
  endedHelp: "Ask the person who invited you for a new invitation.",
  used: "This invitation was already accepted",
  usedHelp: "Sign in with the account that accepted it.",
};
