import { expect, inject, test } from "vitest";
import {
  client,
  invite,
  logIn,
  mailsTo,
  member,
  type Person,
  platform,
  send,
  someone,
  token,
  tokenOf,
} from "./platform";
import { expectAccessible, expectNoErrors, signIn, visit, visitAs, withBrowser } from "./visit";

withBrowser();

test("the type of a problem leads to its text, without a sign-in", async () => {
  const response = await fetch(`${inject("base")}/v1/scopes/nothing`, {
    headers: { authorization: `Bearer ${await tokenOf(someone("Stranger"))}` },
  });
  const { type, title, detail } = await response.json();
  const page = await visit("en-GB");
  await page.goto(type);
  const section = page.locator("#scope-not-found");
  await section.getByText(detail).waitFor();
  expect(await section.getByRole("heading").textContent()).toBe(title);
  const { y } = (await section.boundingBox()) ?? { y: Number.NaN };
  expect(Math.abs(y)).toBeLessThan(200);
  expectNoErrors();
});

test("each right is shown with the grant that it comes from", async () => {
  const sophie = someone("Sophie");
  const lea = someone("Lea");
  const id = await client("Why", sophie);
  await invite(`${id}:tech`, sophie, lea, "observer");
  await invite(`${id}:tech:summit`, sophie, lea, "custom", { permissions: ["orders:export"] });
  await logIn(id, lea);
  const page = await visitAs("en-GB", sophie, `/scopes/${id}:tech:summit`);
  await page.getByRole("link", { name: "Lea" }).click();
  const panel = page.getByRole("dialog", { name: "Lea", exact: true });
  await panel.getByRole("heading", { name: "What this person can do here" }).waitFor();
  const right = (entity: string) => panel.getByRole("row", { name: new RegExp(`^${entity} `) });
  await right("Contacts").getByText("Observer · Why Tech").waitFor();
  expect(await right("Orders").getByText("Custom · Why Summit").count()).toBe(2);
  await panel.getByText("given by Sophie", { exact: false }).first().waitFor();
  await panel.getByText("Sophie gave access to Lea").waitFor();
  // The panel has an address of its own, and closes on the team.
  await page.reload();
  await panel.getByRole("button", { name: "Close" }).click();
  await page.getByRole("row", { name: /Lea/ }).waitFor();
  expect(new URL(page.url()).pathname).toBe(`/scopes/${id}:tech:summit`);
  expectNoErrors();
});

test("each role of a person is changed where it stands, and one more role is a choice of its own", async () => {
  const sophie = someone("Sophie");
  const lea = someone("Lea");
  const id = await client("Reach", sophie);
  const { id: leaId } = await invite(`${id}:tech:summit`, sophie, lea, "reader");
  const roles = async () => {
    const path = `/v1/scopes/${id}/collaborators/${leaId}?below=true`;
    const { grants } = await send("GET", path, await tokenOf(sophie));
    return (grants as { scope: string; role: string }[]).map(({ scope, role }) => [scope, role]).sort();
  };
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  const row = page.getByRole("row", { name: /Lea/ });
  const panel = page.getByRole("dialog", { name: "Lea", exact: true });
  const form = page.getByRole("dialog", { name: "Access for Lea" });
  // From the whole team, the role on the event is changed on the event.
  await row.getByRole("link", { name: "Lea" }).click();
  await panel.getByRole("button", { name: "Role of Lea: Reader" }).click();
  await page.getByRole("menuitemradio", { name: /^Manager/ }).click();
  await form.getByText("On Reach Summit.", { exact: false }).waitFor();
  expect(await form.getByRole("radio", { name: /^Manager/ }).isChecked()).toBe(true);
  await expectAccessible(page);
  await form.getByRole("button", { name: "Save" }).click();
  await form.waitFor({ state: "detached" });
  expect(await roles()).toEqual([[`${id}:tech:summit`, "manager"]]);
  await panel.getByRole("button", { name: "Role of Lea: Manager" }).waitFor();
  await panel.getByRole("button", { name: "Close" }).click();
  await row.getByText("Manager · Reach Summit").waitFor();
  expect(await row.getByRole("button", { name: /^Role of Lea/ }).count()).toBe(0);
  await row.getByRole("button", { name: "Actions for Lea" }).click();
  await page.getByRole("menuitem", { name: "Give a role here…" }).click();
  await form.getByText("You are giving one more role, on Reach (1 event).", { exact: false }).waitFor();
  await expectAccessible(page);
  await form.getByRole("radio", { name: /^Observer/ }).check();
  await form.getByRole("button", { name: "Give this role" }).click();
  await form.waitFor({ state: "detached" });
  expect(await roles()).toEqual([
    [id, "observer"],
    [`${id}:tech:summit`, "manager"],
  ]);
  await row.getByRole("button", { name: "Role of Lea: Observer" }).waitFor();
  expectNoErrors();
});

test("two people with the same name are named with their addresses, and an unknown person is reported", async () => {
  const sophie = someone("Sophie");
  const [one, two] = [someone("Chloé Girard"), someone("Chloé Girard")];
  const id = await client("Twins", sophie);
  await invite(id, sophie, one, "reader");
  await invite(id, sophie, two, "observer");
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  for (const [email] of [one, two]) {
    await page.getByRole("checkbox", { name: `Select Chloé Girard (${email})` }).waitFor();
    await page.getByRole("button", { name: `Actions for Chloé Girard (${email})` }).waitFor();
  }
  await page.goto(`/scopes/${id}/people/nobody`);
  const panel = page.getByRole("dialog", { name: "This person does not have access here" });
  await panel.waitFor();
  expect(await panel.getByRole("alert").count()).toBe(0);
  expectNoErrors();
});

test("a transfer of ownership after a login of long ago asks for a new one, and keeps the choice", async () => {
  const sophie = someone("Sophie");
  const id = await client("Reprise", sophie);
  const karim = await member(id, sophie, "Karim", "administrator");
  const page = await visitAs("fr-FR", sophie, "/");
  // As if the session had been open for an hour.
  const old = await token({
    email: sophie[0],
    name: sophie[1],
    authTime: Math.floor(Date.now() / 1_000) - 3_600,
  });
  await page.evaluate((old) => {
    const key = Object.keys(localStorage).find((each) => each.startsWith("oidc.user:")) ?? "";
    const user = JSON.parse(localStorage.getItem(key) ?? "{}");
    localStorage.setItem(key, JSON.stringify({ ...user, access_token: old }));
  }, old);
  await page.goto(`/scopes/${id}/owner`);
  await page.getByRole("button", { name: "Choisir Karim" }).click();
  const form = page.getByRole("dialog", { name: "Transférer la propriété à Karim" });
  await form.getByLabel("Je comprends", { exact: false }).check();
  await form.getByRole("button", { name: "Transférer la propriété" }).click();
  await form.getByText("Votre connexion est trop ancienne", { exact: false }).waitFor();
  await expectAccessible(page);
  const asked = page.waitForRequest((request) => request.url().includes("/_local/authorize"));
  await form.getByRole("button", { name: "Se reconnecter" }).click();
  const parameters = new URL((await asked).url()).searchParams;
  expect([parameters.get("prompt"), parameters.get("max_age")]).toEqual(["login", "0"]);
  await page.locator("#email").fill(sophie[0]);
  await page.locator("button.submit").click();
  await form.getByLabel("Je comprends", { exact: false }).check();
  await form.getByRole("button", { name: "Transférer la propriété" }).click();
  await page.getByText("La propriété est transférée à Karim.").waitFor();
  const { owner } = await send("GET", `/v1/scopes/${id}`, await tokenOf(karim));
  expect(owner).toMatchObject({ email: karim[0] });
  expectNoErrors();
});

test("ownership is transferred after confirmation, and only if the user saw the current version", async () => {
  const sophie = someone("Sophie");
  const karim = someone("Karim");
  const lea = someone("Lea");
  const id = await client("Handed", sophie);
  for (const person of [karim, lea]) {
    await invite(id, sophie, person, "administrator");
    await logIn(id, person);
  }
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await page.getByRole("link", { name: "Ownership" }).click();
  await page.getByText(lea[0]).waitFor();
  await page.getByRole("button", { name: "Choose Karim" }).click();
  const form = page.getByRole("dialog", { name: "Transfer ownership to Karim" });
  const transfer = form.getByRole("button", { name: "Transfer ownership" });
  const sure = form.getByLabel("I understand", { exact: false });
  await expectAccessible(page);
  await transfer.click();
  // Without the check box, the browser does not submit the form.
  expect(await sure.evaluate((box: HTMLInputElement) => box.validity.valid)).toBe(false);

  // In the meantime, the platform changes the client's settings.
  await send("PUT", `/v1/scopes/${id}`, await platform(), {
    name: "Handed over",
    seatLimit: 25,
    granting: "administrators",
  });
  await sure.check();
  await transfer.click();
  await form.getByRole("alert").getByText("This page has changed since.", { exact: false }).waitFor();
  await form.getByText("Karim becomes the owner of Handed over", { exact: false }).waitFor();
  expect(await sure.isChecked()).toBe(false);
  await sure.check();
  await transfer.click();
  await page.getByText("Karim is now the owner.").waitFor();
  expect(await send("GET", `/v1/scopes/${id}`, await tokenOf(karim))).toMatchObject({
    owner: { email: karim[0] },
  });
  expectNoErrors();
});

test("an announcement is shown with its number of recipients, and sent to exactly these", async () => {
  const sophie = someone("Sophie");
  const id = await client("News", sophie);
  const lea = await member(id, sophie, "Lea", "reader");
  const max = await member(`${id}:tech`, sophie, "Max", "manager");
  const got = async ([email]: Person, text: string) =>
    (await mailsTo(email)).some((mail) => mail.text.includes(text));
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await page.getByRole("link", { name: "Message" }).click();
  const write = async (text: string) => {
    await page.getByLabel("Subject").fill("Maintenance");
    await page.getByLabel("Message", { exact: true }).fill(text);
    await page.getByRole("button", { name: "Preview" }).click();
  };
  const preview = page.getByRole("dialog", { name: "Message preview" });
  await write("Closed from 8 to 9.\nThank you.");
  await preview.getByText("Closed from 8 to 9.", { exact: false }).waitFor();
  await preview.getByRole("button", { name: "Send to 3 people" }).waitFor();
  await expectAccessible(page);
  // A test goes to the author alone.
  await preview.getByRole("button", { name: "Send me a test" }).click();
  await page.getByText(`A test is on its way to ${sophie[0]}.`).waitFor();
  await expect.poll(() => got(sophie, "Closed from 8 to 9.")).toBe(true);
  expect(await got(lea, "Closed from 8 to 9.")).toBe(false);
  await preview.getByRole("button", { name: "Send to 3 people" }).click();
  await page.getByText("The message is on its way to 3 people.").waitFor();
  await expect.poll(() => got(lea, "Closed from 8 to 9.")).toBe(true);
  await expect.poll(() => got(max, "Closed from 8 to 9.")).toBe(true);
  expect(await page.getByLabel("Subject").inputValue()).toBe("");

  // Only some of them: by role, and on the client itself.
  await page.getByLabel("Reader").check();
  await page.getByLabel("Manager").check();
  await page.getByLabel("Only people with a role on News itself").check();
  await write("Meet at 10.");
  await preview.getByRole("button", { name: "Send to 1 person" }).click();
  await page.getByText("The message is on its way to 1 person.").waitFor();
  await expect.poll(() => got(lea, "Meet at 10.")).toBe(true);
  expect(await got(max, "Meet at 10.")).toBe(false);
  expectNoErrors();
});

test("the page of the contract shows its seats, and what the last audit found", async () => {
  const sophie = someone("Sophie");
  const id = await client("Seats", sophie, { seatLimit: 7 });
  await invite(id, sophie, someone("Lea"), "reader");
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Contract" }).click();
  await page.getByText("The first daily audit has not run yet.").waitFor();
  await page.getByText("2 of 7 seats used").waitFor();
  const dormant = page.getByRole("link", { name: /No login for 90 days$/ });
  expect(await dormant.textContent()).toContain("—");
  await fetch(`${inject("base")}/_local/schedules/audit-seats`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client: id }),
  });
  await page.reload();
  await page.getByText("Figures from the daily audit of", { exact: false }).waitFor();
  expect(await dormant.textContent()).toContain("0");
  const figure = (name: string) => page.locator("dt", { hasText: name }).locator("+ dd");
  expect(await figure("Active").textContent()).toBe("1");
  expect(await figure("Invited").textContent()).toBe("1");
  expect(await figure("Seats in your contract").textContent()).toBe("7");
  // Each figure leads to the people whom it counts.
  await page.getByRole("link", { name: /Invited$/ }).click();
  await page.getByRole("row", { name: /Lea/ }).waitFor();
  expect(await page.getByRole("row", { name: /Sophie/ }).count()).toBe(0);
  expectNoErrors();
});

test("any collaborator except an owner can leave, and then has no access", async () => {
  const sophie = someone("Sophie");
  const id = await client("Left", sophie);
  const karim = await member(id, sophie, "Karim", "administrator");
  const page = await visitAs("en-GB", karim, `/scopes/${id}`);
  await page.getByRole("link", { name: "Karim" }).click();
  const panel = page.getByRole("dialog", { name: "Karim", exact: true });
  await panel.getByRole("button", { name: "Leave Left" }).click();
  const leave = page.getByRole("dialog", { name: "Leave Left" });
  await leave.getByRole("button", { name: "Leave", exact: true }).click();
  await page.getByRole("heading", { name: "You have no access" }).waitFor();
  // An owner cannot.
  const owner = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await owner.getByRole("link", { name: "Sophie" }).click();
  const own = owner.getByRole("dialog", { name: "Sophie", exact: true });
  await own.getByRole("link", { name: "All history" }).waitFor();
  expect(await own.getByRole("button", { name: /^Leave/ }).count()).toBe(0);
  expectNoErrors();
});

test("users who cannot see others see their own record, and can leave", async () => {
  const sophie = someone("Sophie");
  const id = await client("Alone", sophie);
  const lea = await member(`${id}:tech`, sophie, "Lea", "reader");
  const page = await visitAs("en-GB", lea, `/scopes/${id}:tech`);
  await page.getByRole("heading", { name: "Alone Tech", exact: true }).waitFor();
  await page.getByText("You cannot see who else has access here.", { exact: false }).waitFor();
  await page
    .getByRole("row", { name: /^Contacts / })
    .getByText("Reader · Alone Tech")
    .waitFor();
  // The only other person is who gave the access.
  expect(await page.getByText("Sophie").count()).toBe(1);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Leave Alone Tech" }).click();
  const leave = page.getByRole("dialog", { name: "Leave Alone Tech" });
  await leave.getByRole("button", { name: "Leave", exact: true }).click();
  await page.getByRole("heading", { name: "You have no access" }).waitFor();
  await expectAccessible(page);
  expectNoErrors();
});

test("an event's own owner can grant the client's roles without seeing the rest of the client", async () => {
  const sophie = someone("Sophie");
  const hugo = someone("Hugo");
  const roles = ["administrator", "manager", "observer"];
  const id = await client("Owned", sophie, { roles, granting: "owner" });
  const own = { name: "Owned Expo", kind: "event", owner: { email: hugo[0], name: hugo[1] } };
  await send("PUT", `/v1/scopes/${id}:tech:expo`, await platform(), own);
  await logIn(id, hugo);
  const page = await visitAs("en-GB", hugo, "/");
  await page.getByRole("table").getByRole("link", { name: "Owned Expo" }).click();
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const offered = page.getByRole("dialog").getByRole("group", { name: "Role" }).getByRole("radio");
  await expect.poll(() => offered.count()).toBe(3);
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  // The event's owner can transfer it; the client's owner cannot.
  await page.getByRole("link", { name: "Ownership" }).waitFor();
  const above = await visitAs("en-GB", sophie, `/scopes/${id}:tech:expo`);
  await above.getByRole("link", { name: "History" }).waitFor();
  expect(await above.getByRole("link", { name: "Ownership" }).count()).toBe(0);
  expectNoErrors();
});

test("the language follows the browser, and a button changes it permanently", async () => {
  const page = await visit("en-GB");
  await page.goto("/");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("en");
  await page.getByRole("button", { name: /Français/ }).click();
  await page.getByRole("heading", { name: "Connexion" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Connexion" }).waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("fr");
  // The account's menu does the same for a signed-in user.
  const sophie = someone("Sophie");
  await page.goto(`/scopes/${await client("Langue", sophie)}`);
  await signIn(page, ...sophie);
  await page.getByRole("heading", { name: "Équipe – Langue" }).waitFor();
  await page.getByRole("button", { name: "Votre compte : Sophie" }).click();
  await page.getByRole("menuitem", { name: "English" }).click();
  await page.getByRole("heading", { name: "Team – Langue" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Team – Langue" }).waitFor();
  expectNoErrors();
});

test("a link of the account menu leaves the console", async () => {
  const sophie = someone("Sophie");
  const page = await visitAs("en-GB", sophie, `/scopes/${await client("Inbox", sophie)}`);
  await page.getByRole("button", { name: "Your account: Sophie" }).click();
  await page.getByRole("menuitem", { name: "Inbox" }).click();
  // The inbox of the local stack is in French.
  await page.getByRole("heading", { name: /Boîte de réception/ }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/_local/inbox");
  expectNoErrors();
});

test("signing out ends the session", async () => {
  const sophie = someone("Sophie");
  const page = await visitAs("en-GB", sophie, `/scopes/${await client("Out", sophie)}`);
  await page.getByRole("button", { name: "Your account: Sophie" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "You are signed out" }).waitFor();
  await page.goto("/");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await signIn(page, ...sophie);
  await page.getByRole("link", { name: "Out", exact: true }).waitFor();
  expectNoErrors();
});

test("signing in records a login where the user has access", async () => {
  const sophie = someone("Sophie");
  const lea = someone("Lea");
  const id = await client("Login", sophie);
  const { id: leaId } = await invite(id, sophie, lea, "reader");
  await logIn(id, lea);
  const at = async () => {
    const found = await send("GET", `/v1/scopes/${id}/collaborators/${leaId}`, await tokenOf(sophie));
    return String(found.lastLoginAt);
  };
  const before = await at();
  const page = await visitAs("en-GB", lea, "/");
  await page.getByRole("link", { name: "Login", exact: true }).waitFor();
  expect(Date.parse(await at())).toBeGreaterThan(Date.parse(before));
  expectNoErrors();
});
