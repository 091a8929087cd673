import { expect, inject, test } from "vitest";
import { client, invite, logIn, mailsTo, member, platform, send, someone, tokenOf } from "./platform";
import { expectAccessible, expectNoErrors, signIn, visit, visitAs, withBrowser } from "./visit";

withBrowser();

test("each right is shown with the grant that it comes from", async () => {
  const sophie = someone("Sophie");
  const lea = someone("Lea");
  const id = await client("Why", sophie);
  await invite(`${id}:tech`, sophie, lea, "observer");
  await invite(`${id}:tech:summit`, sophie, lea, "custom", { permissions: ["orders:export"] });
  await logIn(id, lea);
  const page = await visitAs("en-GB", sophie, `/scopes/${id}:tech:summit`);
  await page.getByRole("link", { name: "Lea" }).click();
  await page.getByRole("heading", { name: "What this person can do here, and why" }).waitFor();
  const right = (entity: string) => page.getByRole("row", { name: new RegExp(`^${entity} `) });
  await right("Contacts").getByText("Observer · Why Tech").waitFor();
  expect(await right("Orders").getByText("Custom · Why Summit").count()).toBe(2);
  await page.getByRole("region", { name: "Access rights" }).getByText("Sophie").first().waitFor();
  await page.getByText("Sophie granted access to Lea").waitFor();
  expectNoErrors();
});

test("the pencil changes the grant that is shown, and one more role is a choice of its own", async () => {
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
  const pencil = page.getByRole("dialog", { name: "Access for Lea" });
  const open = async (choice: string) => {
    await page.getByRole("button", { name: "Change access for Lea" }).click();
    await pencil.getByText("No role is granted at Reach itself.", { exact: false }).waitFor();
    await expectAccessible(page);
    await pencil.getByRole("button", { name: choice }).click();
  };
  await open("Change access at Reach Summit");
  expect(await pencil.getByRole("radio", { name: /^Reader/ }).isChecked()).toBe(true);
  await pencil.getByRole("radio", { name: /^Manager/ }).check();
  await pencil.getByRole("button", { name: "Save" }).click();
  await pencil.waitFor({ state: "detached" });
  expect(await roles()).toEqual([[`${id}:tech:summit`, "manager"]]);
  await page.getByRole("row", { name: /Lea/ }).getByText("Manager · Reach Summit (event)").waitFor();
  await open("Also grant a role at Reach (1 event)");
  await pencil.getByRole("radio", { name: /^Observer/ }).check();
  await pencil.getByRole("button", { name: "Grant this role" }).click();
  await pencil.waitFor({ state: "detached" });
  expect(await roles()).toEqual([
    [id, "observer"],
    [`${id}:tech:summit`, "manager"],
  ]);
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
  const transfer = page.getByRole("button", { name: "Transfer ownership" });
  await page.getByLabel("New owner").selectOption({ label: `Karim – ${karim[0]}` });
  await transfer.click();
  // Without the check box, the browser does not submit the form.
  expect(
    await page
      .getByLabel("I understand", { exact: false })
      .evaluate((box: HTMLInputElement) => box.validity.valid),
  ).toBe(false);

  // In the meantime, the platform changes the client's settings.
  await send("PUT", `/v1/scopes/${id}`, await platform(), {
    name: "Handed over",
    seatLimit: 25,
    granting: "administrators",
  });
  await page.getByLabel("I understand", { exact: false }).check();
  await transfer.click();
  await page.getByText("This level has since been changed.", { exact: false }).waitFor();
  await page.getByLabel("I understand", { exact: false }).check();
  await transfer.click();
  await page.getByText("Karim is now the owner.").waitFor();
  expect(await send("GET", `/v1/scopes/${id}`, await tokenOf(karim))).toMatchObject({
    owner: { email: karim[0] },
  });
  expectNoErrors();
});

test("an announcement is sent, and the page shows to how many people", async () => {
  const sophie = someone("Sophie");
  const id = await client("News", sophie);
  const lea = await member(id, sophie, "Lea", "reader");
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await page.getByRole("link", { name: "Announcement" }).click();
  await page.getByLabel("Subject").fill("Maintenance");
  await page.getByLabel("Message", { exact: true }).fill("Closed from 8 to 9.\nThank you.");
  await page.getByRole("button", { name: "Send to everyone" }).click();
  await page.getByText("The announcement is on its way to 2 people.").waitFor();
  expect(await page.getByLabel("Subject").inputValue()).toBe("");
  await expect
    .poll(async () => (await mailsTo(lea[0])).some(({ text }) => text.includes("Closed from 8 to 9.")))
    .toBe(true);
  expectNoErrors();
});

test("the seats page shows the results of the last audit", async () => {
  const sophie = someone("Sophie");
  const id = await client("Seats", sophie, { seatLimit: 7 });
  await invite(id, sophie, someone("Lea"), "reader");
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Seats" }).click();
  await page.getByText("No audit yet. An audit runs once a day.").waitFor();
  await fetch(`${inject("base")}/_local/schedules/audit-seats`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client: id }),
  });
  await page.reload();
  const figure = (name: string) => page.locator("dt", { hasText: name }).locator("+ dd");
  await figure("Seats counted").waitFor();
  expect(await figure("Seats counted").textContent()).toBe("2");
  expect(await figure("Pending invitations").textContent()).toBe("1");
  expect(await figure("Seats in your contract").textContent()).toBe("7");
  expectNoErrors();
});

test("any collaborator except an owner can leave, and then has no access", async () => {
  const sophie = someone("Sophie");
  const id = await client("Left", sophie);
  const karim = await member(id, sophie, "Karim", "administrator");
  const page = await visitAs("en-GB", karim, `/scopes/${id}`);
  await page.getByRole("link", { name: "Karim" }).click();
  await page.getByRole("button", { name: "Leave this level" }).click();
  await page
    .getByRole("dialog", { name: "Leave Left" })
    .getByRole("button", { name: "Leave this level" })
    .click();
  await page.getByRole("heading", { name: "You have no access" }).waitFor();
  expectNoErrors();
});

test("users who cannot see others see their own record, and can leave", async () => {
  const sophie = someone("Sophie");
  const id = await client("Alone", sophie);
  const lea = await member(`${id}:tech`, sophie, "Lea", "reader");
  const page = await visitAs("en-GB", lea, `/scopes/${id}:tech`);
  await page.getByRole("heading", { name: "Lea", exact: true }).waitFor();
  await page
    .getByRole("row", { name: /^Contacts / })
    .getByText("Reader · Alone Tech")
    .waitFor();
  expect(await page.getByText("Sophie").count()).toBe(1);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Leave this level" }).click();
  const leave = page.getByRole("dialog", { name: "Leave Alone Tech" });
  await leave.getByRole("button", { name: "Leave this level" }).click();
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
  await page.getByRole("link", { name: "Owned Expo" }).click();
  await page.getByRole("button", { name: "Invite" }).click();
  const offered = page.getByRole("dialog").getByRole("group", { name: "Role" }).getByRole("radio");
  expect(await offered.count()).toBe(3);
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
  expectNoErrors();
});

test("signing out ends the session", async () => {
  const sophie = someone("Sophie");
  const page = await visitAs("en-GB", sophie, `/scopes/${await client("Out", sophie)}`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "You are signed out." }).waitFor();
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
