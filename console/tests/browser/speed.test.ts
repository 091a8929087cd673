import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { client, invite, linkTo, member, someone } from "./platform";
import { expectNoErrors, signIn, visit, visitAs, withBrowser } from "./visit";

// What a page loads, counted rather than timed: on a slow connection, requests and bytes are the time.

withBrowser();

/** Watches what a page loads: the API's requests, and the gzipped bytes of everything else. */
function watched(page: Page) {
  const api: string[] = [];
  const files: Promise<number>[] = [];
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith("/v1/")) api.push(`${response.request().method()} ${pathname}`);
    else
      files.push(
        response.body().then(
          (body) => gzipSync(body).length,
          () => 0,
        ),
      );
  });
  return {
    api,
    bytes: async () => (await Promise.all(files)).reduce((sum, size) => sum + size, 0),
  };
}

test("the invitation's page is 90 KB or less, and asks the API once", async () => {
  const sophie = someone("Sophie");
  const lea = someone("Léa");
  await invite(await client("Léger", sophie), sophie, lea, "reader");
  const link = await linkTo(lea[0]);
  for (const locale of ["fr-FR", "en-GB"] as const) {
    const page = await visit(locale);
    const seen = watched(page);
    await page.goto(link);
    await page.getByRole("button", { name: new RegExp(lea[0]) }).waitFor();
    await page.waitForLoadState("networkidle");
    expect(seen.api).toEqual(["POST /v1/invitations/preview"]);
    console.log("invitation", await seen.bytes());
    expect(await seen.bytes()).toBeLessThanOrEqual(90_000);
  }
  expectNoErrors();
});

test("the first screen of a team is 180 KB or less, with three API calls before the rows", async () => {
  const sophie = someone("Sophie");
  const id = await client("Rapide", sophie);
  await invite(`${id}:tech:summit`, sophie, someone("Léa"), "reader");
  const page = await visitAs("fr-FR", sophie, "/");
  await page.getByRole("main").getByRole("link", { name: "Rapide Summit" }).waitFor();
  // A request of the home page would count here.
  await page.goto("about:blank");
  const seen = watched(page);
  await page.goto(`/scopes/${id}:tech:summit`);
  await page.getByRole("row", { name: /Léa/ }).waitFor();
  expect(seen.api.length, seen.api.join()).toBeLessThanOrEqual(3);
  await page.waitForLoadState("networkidle");
  // Reading the pages of dialogs in advance would count here.
  console.log("team", await seen.bytes());
  expect(await seen.bytes()).toBeLessThanOrEqual(180_000);
  expect(seen.api.length, seen.api.join()).toBeLessThanOrEqual(3);
  expectNoErrors();
});

test("tabs share the session: a new tab is signed in, and signing out ends it in all", async () => {
  const sophie = someone("Sophie");
  const id = await client("Onglets", sophie);
  const page = await visitAs("fr-FR", sophie, `/scopes/${id}`);
  await page.getByRole("row", { name: /Sophie/ }).waitFor();
  const other = await page.context().newPage();
  await other.goto(`/scopes/${id}:tech`);
  await other.getByRole("heading", { name: "Équipe – Onglets Tech" }).waitFor();
  await page.getByRole("button", { name: /Votre compte/ }).click();
  await page.getByRole("menuitem", { name: "Se déconnecter" }).click();
  await page.getByRole("heading", { name: "Votre session est fermée" }).waitFor();
  await other.getByRole("heading", { name: "Connexion" }).waitFor();
  expectNoErrors();
});

test("another account in another tab starts anew here, and gets nothing that was typed", async () => {
  const sophie = someone("Sophie");
  const id = await client("Échange", sophie);
  const emma = await member(`${id}:tech`, sophie, "Emma", "administrator");
  const page = await visitAs("fr-FR", sophie, `/scopes/${id}:tech`);
  await page.getByRole("button", { name: "Inviter", exact: true }).click();
  await page.getByLabel("Adresses e-mail").fill("secret@example.org");
  const other = await page.context().newPage();
  await other.goto("/signed-out");
  await signIn(other, ...emma);
  await page.getByRole("button", { name: "Votre compte\u00a0: Emma" }).waitFor();
  expect(await page.getByRole("dialog").count()).toBe(0);
  await page.getByRole("button", { name: "Inviter", exact: true }).click();
  expect(await page.getByLabel("Adresses e-mail").inputValue()).toBe("");
  expectNoErrors();
});
