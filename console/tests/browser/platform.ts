import { expect, inject, vi } from "vitest";

/** A user in a test. */
export type Person = readonly [email: string, name: string];

/** The demonstration's support of the platform, who has no access of their own. */
export const NORA: Person = ["nora.blanc@coulisses.example", "Nora Blanc"];

/** Sends an API request, as the event platform or a user would. */
export async function send(
  method: string,
  path: string,
  token: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", ...more };
  const response = await fetch(inject("base") + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.ok, `${method} ${path}: ${response.status} ${await response.clone().text()}`).toBe(true);
  return (await response.json()) as Record<string, unknown>;
}

/** A token from the local issuer. */
export async function token(claims: Record<string, unknown>): Promise<string> {
  const response = await fetch(`${inject("base")}/_local/tokens`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(claims),
  });
  return ((await response.json()) as { accessToken: string }).accessToken;
}

/** A user's token. */
export const tokenOf = ([email, name]: Person) =>
  token({ email, name, ...(email === NORA[0] ? { groups: ["coulisses-support"] } : {}) });

/** The platform's token. */
export const platform = () => token({ scope: "coulisses/platform" });

let count = 0;
/** A number that no test has used, on this stack or an earlier one. Without letters, a search for a name cannot match it. */
function unique(): string {
  count += 1;
  // Files run in processes of their own.
  return `${Date.now()}-${process.pid}-${count}`;
}

/** A user of this test only. */
export function someone(name: string): Person {
  const first = name
    .split(" ")[0]
    ?.normalize("NFD")
    .replace(/[^A-Za-z]/g, "")
    .toLowerCase();
  return [`${first}.${unique()}@example.org`, name];
}

/** A user of this test only, whose address refuses mail. */
export const unreachable = (name: string): Person => [`bounce+${unique()}@example.org`, name];

/** A client of this test only, with an audience and an event. Its owner has logged in. */
export async function client(
  name: string,
  owner: Person,
  settings: {
    seatLimit?: number | null;
    granting?: string;
    roles?: string[];
    accessEndsAfterDays?: number;
  } = {},
): Promise<string> {
  const id = `test-${unique()}`;
  const by = await platform();
  const body = { name, seatLimit: 25, granting: "administrators", ...settings };
  await send("PUT", `/v1/scopes/${id}`, by, { ...body, owner: { email: owner[0], name: owner[1] } });
  await send("PUT", `/v1/scopes/${id}:tech`, by, { name: `${name} Tech` });
  await send("PUT", `/v1/scopes/${id}:tech:summit`, by, { name: `${name} Summit`, kind: "event" });
  await logIn(id, owner);
  return id;
}

/** Sends an invitation by API; returns the collaborator. */
export async function invite(
  scope: string,
  by: Person,
  [email, name]: Person,
  role: string,
  rest: Record<string, unknown> = {},
): Promise<{ id: string; version: number }> {
  const body = { email, name, role, ...rest };
  const made = await send("POST", `/v1/scopes/${scope}/collaborators`, await tokenOf(by), body);
  return made as { id: string; version: number };
}

/** Records a login, which activates a pending collaborator. */
export async function logIn(scope: string, person: Person): Promise<void> {
  await send("POST", `/v1/scopes/${scope.split(":")[0]}/logins`, await tokenOf(person), {});
}

/** A new user who is invited to a scope and has logged in. */
export async function member(scope: string, by: Person, name: string, role: string): Promise<Person> {
  const person = someone(name);
  await invite(scope, by, person, role);
  await logIn(scope, person);
  return person;
}

/** The mails to an address, oldest first. */
export async function mailsTo(email: string): Promise<{ subject: string; text: string; link?: string }[]> {
  const response = await fetch(`${inject("base")}/_local/mails?to=${encodeURIComponent(email)}`);
  return ((await response.json()) as { mails: { subject: string; text: string; link?: string }[] }).mails;
}

/** The link in the newest mail to an address. Skips the first `before` mails, and waits for the next one. */
export function linkTo(email: string, before = 0): Promise<string> {
  const newest = async () => {
    const link = (await mailsTo(email)).slice(before).findLast((mail) => mail.link)?.link;
    if (!link) throw new Error(`no link was sent to ${email}`);
    return link;
  };
  return vi.waitFor(newest, { timeout: 20_000, interval: 100 });
}
