import { expect, inject, vi } from "vitest";

/** A person of a test: address and name. */
export type Person = readonly [email: string, name: string];

/** What a test puts there before it opens a page, as the event platform and its people would. */
export async function send(
  method: string,
  path: string,
  token: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", ...more };
  const answer = await fetch(inject("base") + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`).toBe(true);
  return (await answer.json()) as Record<string, unknown>;
}

/** A token of the local issuer. */
export async function token(claims: Record<string, unknown>): Promise<string> {
  const answer = await fetch(`${inject("base")}/_local/tokens`, {
    method: "POST",
    body: JSON.stringify(claims),
  });
  return ((await answer.json()) as { accessToken: string }).accessToken;
}

/** A token of a person. */
export const tokenOf = ([email, name]: Person) => token({ email, name });

/** The platform's token. */
export const platform = () => token({ scope: "coulisses/platform" });

/** Makes a word no test has used, on this stack or one that ran before. */
let words = 0;
function unique(): string {
  words += 1;
  return `${Date.now().toString(36)}-${words}`;
}

/** Somebody whom no other test knows. */
export function someone(name: string): Person {
  const first = name
    .split(" ")[0]
    ?.normalize("NFD")
    .replace(/[^A-Za-z]/g, "")
    .toLowerCase();
  return [`${first}.${unique()}@example.org`, name];
}

/** A client of the test's own with an audience and an event below it, whose owner has logged in. */
export async function client(
  name: string,
  owner: Person,
  settings: { seatLimit?: number | null; granting?: string; roles?: string[] } = {},
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

/** Invites somebody, as the owner does; answers the collaborator. */
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

/** Records a login, which activates whoever is pending. */
export async function logIn(scope: string, person: Person): Promise<void> {
  await send("POST", `/v1/scopes/${scope.split(":")[0]}/logins`, await tokenOf(person), {});
}

/** The mails to somebody, the oldest first. */
export async function mailsTo(email: string): Promise<{ subject: string; text: string; link?: string }[]> {
  const answer = await fetch(`${inject("base")}/_local/mails?to=${encodeURIComponent(email)}`);
  return ((await answer.json()) as { mails: { subject: string; text: string; link?: string }[] }).mails;
}

/** The link in the newest mail to somebody, once one has come after the first `before` ones. */
export function linkTo(email: string, before = 0): Promise<string> {
  const newest = async () => {
    const link = (await mailsTo(email)).slice(before).findLast((mail) => mail.link)?.link;
    if (!link) throw new Error(`no link came to ${email}`);
    return link;
  };
  return vi.waitFor(newest, { timeout: 20_000, interval: 100 });
}
