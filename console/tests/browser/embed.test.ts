import type { Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { client, mailsTo, member, type Person, someone, tokenOf } from "./platform";
import { expectAccessible, expectNoErrors, visit, withBrowser } from "./visit";

withBrowser();

/** Opens a page of another origin that embeds a team. */
async function embedded(
  page: Page,
  attributes: Record<string, string>,
  tokens: (renew: boolean) => Promise<string>,
) {
  await page.exposeFunction("tokenOf", tokens);
  await page.goto(`${inject("host")}/?${new URLSearchParams({ api: inject("base"), ...attributes })}`);
}

const owner = () => someone("Sophie");

test("a page of another origin embeds a team, and an organiser invites, changes and removes there", async () => {
  const sophie = owner();
  const id = await client("Embedded", sophie);
  const lea = someone("Lea");
  const page = await visit("en-GB", { viewport: { width: 1280, height: 800 } });
  // The first token is refused: the element asks for another one, once, and repeats the request.
  const right = await tokenOf(sophie);
  let renewals = 0;
  await embedded(page, { scope: `${id}:tech`, lang: "en", accent: "#0b5d2e" }, async (renew) => {
    if (renew) renewals += 1;
    return renewals > 0 ? right : "not.a.token";
  });
  await page.getByRole("heading", { name: "Team – Embedded Tech" }).waitFor();
  await page.getByRole("row", { name: /Sophie/ }).waitFor();
  // Once for each of the requests that were on their way.
  expect(renewals).toBeGreaterThanOrEqual(1);
  expect(renewals).toBeLessThanOrEqual(3);
  await expectAccessible(page);

  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const form = page.getByRole("dialog", { name: "Invite people – Embedded Tech" });
  await form.getByLabel("E-mail addresses").fill(`Lea <${lea[0]}>`);
  await expectAccessible(page);
  // Lists and calendars open above the dialog.
  await form.getByRole("button", { name: /Access until/ }).click();
  await page.getByRole("option", { name: "A date" }).click();
  await form.getByRole("button", { name: /^Calendar/ }).click();
  await page.getByRole("button", { name: "Next month" }).click();
  await page.getByRole("gridcell", { name: "15" }).getByRole("button").click();
  await form.getByRole("button", { name: "Send invitation" }).click();
  await page.getByText("Invitation sent to Lea.").waitFor();
  await page.getByRole("button", { name: /^Role of Lea/ }).click();
  await page.getByRole("menuitemradio", { name: /^Manager/ }).click();
  await page.getByRole("dialog", { name: "Access for Lea" }).getByRole("button", { name: "Save" }).click();
  await page.getByText("Access for Lea is changed.").waitFor();
  // A person opens beside the list, and the address of the page around stays.
  await page.getByRole("link", { name: "Lea" }).click();
  await page.getByRole("dialog", { name: "Lea" }).getByText("Embedded Tech").first().waitFor();
  expect(new URL(page.url()).pathname).toBe("/");
  await page.getByRole("button", { name: "Remove everywhere" }).click();
  await page.getByRole("button", { name: "Remove access for 1 person" }).click();
  await page.getByText("Access removed for 1 person, 1 seat freed.").waitFor();
  await expect.poll(async () => (await mailsTo(lea[0])).length).toBeGreaterThanOrEqual(1);

  // The element leaves nothing in the page around it, and its size and colour are its own.
  const left = await page.evaluate(() => ({
    stored: localStorage.length + sessionStorage.length,
    cookie: document.cookie,
    title: document.title,
  }));
  expect(left).toEqual({ stored: 0, cookie: "", title: "Back-office" });
  const invite = page.getByRole("button", { name: "Invite", exact: true });
  const { size, color } = await invite.evaluate((button) => {
    const style = getComputedStyle(button);
    return { size: style.fontSize, color: style.backgroundColor };
  });
  expect(size).toBe("14px");
  expect(color).toMatch(/oklch\(0\.4\d* 0\.\d+ 15\d/);
  expectNoErrors();
});

test("the element follows its language and its width, and says when the session has ended", async () => {
  const sophie = owner();
  const id = await client("Étroit", sophie);
  const lea: Person = await member(`${id}:tech`, sophie, "Léa", "manager");
  const page = await visit("fr-FR", { viewport: { width: 1280, height: 800 } });
  let token = await tokenOf(sophie);
  await embedded(page, { scope: `${id}:tech`, lang: "fr" }, async () => token);
  const row = page.getByRole("row", { name: /Léa/ });
  await row.waitFor();
  const height = async () => (await row.boundingBox())?.height;
  expect(await height()).toBe(56);
  await page.locator("coulisses-team").evaluate((team) => {
    team.style.maxWidth = "400px";
  });
  await expect.poll(height).toBe(72);
  expect(lea[1]).toBe("Léa");
  token = "ended.since.then";
  await page.getByRole("button", { name: "Inviter", exact: true }).click();
  await page.getByLabel("Adresses e-mail").fill(someone("Max")[0]);
  await page.getByRole("button", { name: "Envoyer l’invitation" }).click();
  await page.getByRole("dialog").getByText("Session expirée").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Se connecter" }).click();
  await expect.poll(() => page.title()).toBe("Signed out");
  expectNoErrors();
});
