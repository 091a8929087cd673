import type { announcement as french } from "./announcement-fr";
import { counted } from "./plural";

const many = (n: number, one: string, other: string) => counted("en", n, one, other);

/** The words of the message to a team, which the other pages do without. */
export const announcement: typeof french = {
  title: (scope) => `Message to the team – ${scope}`,
  lead: "People with active access receive it by e-mail.",
  to: "Recipients",
  toHelp: "Everyone, or only the roles you tick.",
  hereOnly: (scope) => `Only people with a role on ${scope} itself`,
  subject: "Subject",
  text: "Message",
  textHelp: "Plain text, 2,000 characters at most.",
  preview: "Preview",
  previewTitle: "Message preview",
  from: (who, scope) => `From ${who}, for ${scope}`,
  counting: "Counting recipients…",
  send: (n) => `Send to ${many(n, "person", "people")}`,
  sent: (n) => `The message is on its way to ${many(n, "person", "people")}.`,
  test: "Send me a test",
  tested: (email) => `A test is on its way to ${email}.`,
};
