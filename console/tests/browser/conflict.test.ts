import { expect, test, vi } from "vitest";
import { client, invite, member, send, someone, tokenOf } from "./platform";
import { expectAccessible, expectNoErrors, visitAs, withBrowser } from "./visit";

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
  await row.getByRole("button", { name: "Change access for Lea" }).click();
  const pencil = page.getByRole("dialog", { name: "Access for Lea" });
  await pencil.getByRole("radio", { name: /Manager/ }).check();
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
  await pencil.getByRole("button", { name: "Save" }).click();

  const conflict = page.getByRole("dialog", { name: "Someone else has just changed this access" });
  const term = (name: string) => conflict.locator("dt", { hasText: name }).locator("+ dd");
  expect(await term("What you saw").textContent()).toBe("Reader");
  expect(await term("Current access").textContent()).toBe("Observer");
  expect(await term("Your change").textContent()).toBe("Manager");
  const now = await send("GET", `/v1/scopes/${id}:tech/collaborators/${leaId}`, karimsToken);
  expect(now.role).toBe("observer");

  await expectAccessible(page);
  // Saving anyway sends the version that the dialog showed.
  await conflict.getByRole("button", { name: "Save mine anyway" }).click();
  await row.getByText("Manager").waitFor();
  expect(theirs.version).toBeGreaterThan(version);
  expectNoErrors();
});

test("an open form keeps its input when reloading the data fails", async () => {
  const sophie = someone("Sophie");
  const id = await client("Stays", sophie);
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await page.getByRole("button", { name: "Invite" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("E-mail address").fill("zoe@example.org");
  await page.route("**/v1/scopes/**", (asked) => asked.abort());
  await vi.waitFor(
    async () => {
      await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));
      expect(await page.locator(".problem", { hasText: "No connection" }).count()).toBeGreaterThan(0);
    },
    { timeout: 20_000, interval: 200 },
  );
  expect(await form.getByLabel("E-mail address").inputValue()).toBe("zoe@example.org");
  // Switching to the other form and back keeps the input too.
  await form.getByLabel("Several people").check();
  await form.getByLabel("One person", { exact: true }).check();
  expect(await form.getByLabel("E-mail address").inputValue()).toBe("zoe@example.org");
  expectNoErrors();
});

test("access removed in the meantime is reported, and not granted again", async () => {
  const sophie = someone("Sophie");
  const lea = someone("Lea");
  const id = await client("Gone", sophie);
  const { id: leaId } = await invite(`${id}:tech`, sophie, lea, "reader");
  const page = await visitAs("en-GB", sophie, `/scopes/${id}:tech`);
  await page.getByRole("button", { name: "Change access for Lea" }).click();
  await page.getByRole("radio", { name: /Manager/ }).check();
  await send("POST", `/v1/scopes/${id}:tech/revocations`, await tokenOf(sophie), { ids: [leaId] });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("This access has since been removed.").waitFor();
  expect(await page.getByRole("button", { name: "Save mine anyway" }).count()).toBe(0);
  expectNoErrors();
});

test("a revocation based on an older version shows both versions and removes nothing until confirmed", async () => {
  const sophie = someone("Sophie");
  const lea = someone("Lea");
  const id = await client("Bin", sophie);
  const { id: leaId, version } = await invite(`${id}:tech`, sophie, lea, "reader");
  const page = await visitAs("en-GB", sophie, `/scopes/${id}:tech`);
  await page.getByRole("checkbox", { name: "Select Lea" }).check();
  await page.getByRole("button", { name: "Remove access" }).click();
  const bin = page.getByRole("dialog");
  await bin.getByText("Reader · Bin Tech (audience)").waitFor();
  const path = `/v1/scopes/${id}:tech/collaborators/${leaId}/role`;
  await send("PUT", path, await tokenOf(sophie), { role: "administrator" }, { "if-match": `"${version}"` });
  const confirm = bin.getByRole("button", { name: "Remove access for 1 person" });
  await confirm.click();
  const note = bin.getByRole("alert").filter({ hasText: "Someone else has just changed this access" });
  await note.getByText("Reader · Bin Tech (audience)").first().waitFor();
  await note.getByText("Administrator · Bin Tech (audience)").waitFor();
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
