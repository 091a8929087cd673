import { expect, test, vi } from "vitest";
import type { Grant } from "../../src/api/client";
import { client, invite, linkTo, member, send, someone, tokenOf } from "./platform";
import { expectAccessible, expectNoErrors, visit, visitAs, withBrowser } from "./visit";

withBrowser();

// Digitevent (docs/domain.md#sources): "vous risquez d'écraser celles de vos collaborateurs".
test("a conflicting change is shown beside the user's own, and not overwritten", async () => {
  const sophie = someone("Sophie");
  const lea = someone("Lea");
  const id = await client("Conflict", sophie);
  const karim = await member(id, sophie, "Karim", "administrator");
  const { id: leaId, version } = await invite(`${id}:tech`, sophie, lea, "reader");

  const page = await visitAs("en-GB", sophie, `/scopes/${id}:tech`);
  const row = page.getByRole("row", { name: /Lea/ });
  await row.getByRole("button", { name: "Role of Lea: Reader" }).click();
  await page.getByRole("menuitemradio", { name: /^Manager/ }).click();
  const form = page.getByRole("dialog", { name: "Access for Lea" });
  expect(await form.getByRole("radio", { name: /^Manager/ }).isChecked()).toBe(true);
  const change = (role: string, known: number) =>
    send(
      "PUT",
      `/v1/scopes/${id}:tech/collaborators/${leaId}/role`,
      karimsToken,
      { role },
      { "if-match": `"${known}"` },
    );
  const karimsToken = await tokenOf(karim);
  const theirs = await change("observer", version);
  await form.getByRole("button", { name: "Save" }).click();

  const conflict = page.getByRole("dialog", { name: "Someone else has just changed this access" });
  const term = (name: string) => conflict.locator("dt", { hasText: name }).locator("+ dd");
  expect(await term("What you saw").textContent()).toBe("Reader");
  expect(await term("Current version").textContent()).toBe("Observer");
  expect(await term("Your change").textContent()).toBe("Manager");
  const now = await send("GET", `/v1/scopes/${id}:tech/collaborators/${leaId}`, karimsToken);
  expect(now.role).toBe("observer");

  await expectAccessible(page);
  // Saving anyway sends the version that the dialog showed.
  await conflict.getByRole("button", { name: "Replace with mine" }).click();
  await row.getByRole("button", { name: "Role of Lea: Manager" }).waitFor();
  expect(theirs.version).toBeGreaterThan(version);
  expectNoErrors();
});

test("an open form keeps its input when reloading the data fails, and when it is closed and opened again", async () => {
  const sophie = someone("Sophie");
  const id = await client("Stays", sophie);
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  const open = page.getByRole("button", { name: "Invite", exact: true });
  await open.click();
  const form = page.getByRole("dialog");
  const addresses = form.getByLabel("E-mail addresses");
  await addresses.fill("zoe@example.org");
  await page.route("**/v1/scopes/**", (asked) => asked.abort());
  await vi.waitFor(
    async () => {
      await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));
      expect(await page.locator(".problem", { hasText: "No connection" }).count()).toBeGreaterThan(0);
    },
    { timeout: 20_000, interval: 200 },
  );
  expect(await addresses.inputValue()).toBe("zoe@example.org");
  await form.getByRole("button", { name: "Cancel" }).click();
  await form.waitFor({ state: "detached" });
  await open.click();
  expect(await addresses.inputValue()).toBe("zoe@example.org");
  expectNoErrors();
});

test("access removed in the meantime is reported, and not granted again", async () => {
  const sophie = someone("Sophie");
  const lea = someone("Lea");
  const id = await client("Gone", sophie);
  const { id: leaId } = await invite(`${id}:tech`, sophie, lea, "reader");
  const page = await visitAs("en-GB", sophie, `/scopes/${id}:tech`);
  await page.getByRole("button", { name: "Actions for Lea" }).click();
  await page.getByRole("menuitem", { name: "Change role or end…" }).click();
  await page.getByRole("radio", { name: /^Manager/ }).check();
  await send("POST", `/v1/scopes/${id}:tech/revocations`, await tokenOf(sophie), { ids: [leaId] });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("This access has since been removed.").waitFor();
  expect(await page.getByRole("button", { name: "Replace with mine" }).count()).toBe(0);
  expectNoErrors();
});

test("a revocation based on an older version shows both versions and removes nothing until confirmed", async () => {
  const sophie = someone("Sophie");
  const lea = someone("Lea");
  const id = await client("Bin", sophie);
  const { id: leaId, version } = await invite(`${id}:tech`, sophie, lea, "reader");
  const page = await visitAs("en-GB", sophie, `/scopes/${id}:tech`);
  await page.getByRole("checkbox", { name: "Select Lea" }).check();
  await page.getByRole("toolbar").getByRole("button", { name: "Remove access" }).click();
  const bin = page.getByRole("dialog");
  await bin.getByText("Reader · Bin Tech").waitFor();
  const path = `/v1/scopes/${id}:tech/collaborators/${leaId}/role`;
  await send("PUT", path, await tokenOf(sophie), { role: "administrator" }, { "if-match": `"${version}"` });
  const confirm = bin.getByRole("button", { name: "Remove access for 1 person" });
  await confirm.click();
  const note = bin.getByRole("alert").filter({ hasText: "Someone else has just changed this access" });
  await note.getByText("Reader · Bin Tech").first().waitFor();
  await note.getByText("Administrator · Bin Tech").waitFor();
  await confirm.click();
  await page.getByText("Access removed for 1 person, 1 seat freed.").waitFor();
  expectNoErrors();
});

test("the grid reloads when the page becomes visible again", async () => {
  const sophie = someone("Sophie");
  const id = await client("Fresh", sophie);
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await page.getByText("1 person", { exact: true }).waitFor();
  await invite(id, sophie, someone("Newcomer"), "reader");
  // Data loaded a moment ago counts as fresh, so repeat the event until it is stale.
  await vi.waitFor(
    async () => {
      await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));
      expect(await page.getByRole("row", { name: /Newcomer/ }).count()).toBe(1);
    },
    { timeout: 20_000, interval: 200 },
  );
  expectNoErrors();
});

test("undo puts the former role and end back, unless someone else has changed the access since", async () => {
  const sophie = someone("Sophie");
  const lea = someone("Lea");
  const id = await client("Undone", sophie);
  const summit = `${id}:tech:summit`;
  const permissions = ["contacts:view", "orders:export", "orders:view"];
  const expiresAt = "2031-03-01T16:30:00Z";
  const { id: leaId } = await invite(summit, sophie, lea, "custom", { permissions, expiresAt });
  const token = await tokenOf(sophie);
  const path = `/v1/scopes/${summit}/collaborators/${leaId}`;
  const current = async () => {
    const { grants, version } = await send("GET", path, token);
    const [{ role, permissions, expiresAt }] = grants as [Grant];
    return { role, permissions: permissions.toSorted(), expiresAt, version: version as number };
  };
  const before = await current();
  const page = await visitAs("en-GB", sophie, `/scopes/${summit}`);
  const form = page.getByRole("dialog", { name: "Access for Lea" });
  const change = async () => {
    await page.getByRole("button", { name: "Role of Lea: Custom" }).click();
    await page.getByRole("menuitemradio", { name: /^Manager/ }).click();
    await form.getByRole("button", { name: /Access until$/ }).click();
    await page.getByRole("option", { name: "No end date" }).click();
    await form.getByRole("button", { name: "Save" }).click();
    await page.getByText("Access for Lea is changed.").waitFor();
    await page.getByRole("button", { name: "Role of Lea: Manager" }).waitFor();
  };
  const undo = page.getByRole("button", { name: "Undo" });
  await change();
  expect(await current()).toMatchObject({ role: "manager", expiresAt: null });
  await undo.click();
  await page.getByText("Access for Lea is as it was before.").waitFor();
  await page.getByRole("button", { name: "Role of Lea: Custom" }).waitFor();
  expect(await current()).toMatchObject({ role: "custom", permissions, expiresAt: before.expiresAt });

  await change();
  const known = { "if-match": `"${(await current()).version}"` };
  await send("PUT", `${path}/role`, token, { role: "observer" }, known);
  await undo.click();
  await page.getByText("The change could not be undone: the access has changed again since.").waitFor();
  await page.getByRole("button", { name: "Role of Lea: Observer" }).waitFor();
  expect((await current()).role).toBe("observer");
  expectNoErrors();
});

test("undo withdraws the invitations that were just sent", async () => {
  const sophie = someone("Sophie");
  const [lea, max] = [someone("Lea"), someone("Max")];
  const id = await client("Withdrawn", sophie);
  const page = await visitAs("en-GB", sophie, `/scopes/${id}:tech`);
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("E-mail addresses").fill(`${lea[1]} <${lea[0]}>, ${max[1]} <${max[0]}>`);
  await form.getByRole("button", { name: "Invite 2 people" }).click();
  // All are sent: the form closes.
  await page.getByText("2 invitations sent.").waitFor();
  await form.waitFor({ state: "detached" });
  await page.getByRole("row", { name: /Lea/ }).waitFor();
  await page.getByText("3 of 25 seats used").waitFor();
  const link = await linkTo(lea[0]);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("2 invitations withdrawn.").waitFor();
  for (const name of [/Lea/, /Max/]) await page.getByRole("row", { name }).waitFor({ state: "detached" });
  await page.getByText("1 of 25 seats used").waitFor();
  const guest = await visit("en-GB");
  await guest.goto(link);
  await guest.getByRole("heading", { name: "This link is no longer valid" }).waitFor();
  expectNoErrors();
});
