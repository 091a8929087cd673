import type { owner as french } from "./owner-fr";

/** The words of the page of ownership, which the other pages do without. */
export const owner: typeof french = {
  title: (scope) => `Ownership – ${scope}`,
  lead: "The owner has every permission, and is the only one who can transfer ownership.",
  none: "This event has no owner of its own: the owner of the account applies.",
  current: "Owner",
  to: "Transfer to",
  chooseButton: "Choose",
  choose: (who) => `Choose ${who}`,
  noOthers: "No one else is active here. Invite the person who will take over first.",
  confirm: (who) => `Transfer ownership to ${who}`,
  becomes: (who, scope) => `${who} becomes the owner of ${scope}, with every permission.`,
  youBecome: (scope) => `You keep an administrator role on ${scope}.`,
  mails: "Both of you receive an e-mail.",
  sure: "I understand that I cannot take ownership back myself.",
  button: "Transfer ownership",
  done: (who) => `${who} is now the owner.`,
  longAgo: "You signed in too long ago to transfer ownership. Sign in again: your choice is kept.",
  signIn: "Sign in again",
  changed: (owner) => `This page has changed since. The owner is now ${owner}. Check, then try again.`,
};
