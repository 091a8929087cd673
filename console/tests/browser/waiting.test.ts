import { expect, test } from "vitest";
import { client, invite, linkTo, mailsTo, platform, send, someone, tokenOf } from "./platform";
import { expectAccessible, expectNoErrors, visitAs, withBrowser } from "./visit";

withBrowser();

test("without a free seat, people wait in an order that can be changed, and get the next seat", async () => {
  const sophie = someone("Sophie");
  const [zoe, tom] = [someone("Zoé"), someone("Tom")];
  const id = await client("Complet", sophie, { seatLimit: 2 });
  const lea = await invite(id, sophie, someone("Léa"), "reader");
  const page = await visitAs("fr-FR", sophie, `/scopes/${id}`);
  await page.getByText("plus aucune place libre").waitFor();
  await page.getByRole("button", { name: "Inviter", exact: true }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Adresses e-mail").fill(`Zoé <${zoe[0]}>\nTom <${tom[0]}>`);
  await form.getByText("les invitations en trop échoueront", { exact: false }).waitFor();
  await form.getByRole("checkbox", { name: /^Mettre en attente d’une place/ }).check();
  await form.getByText("les personnes en trop attendront", { exact: false }).waitFor();
  await form.getByRole("button", { name: "Inviter 2 personnes" }).click();
  await form.getByText("2 personnes en attente d’une place.").waitFor();
  await form.getByRole("row", { name: /Zoé/ }).getByText("en attente d’une place, n° 1").waitFor();
  await form.getByRole("row", { name: /Tom/ }).getByText("en attente d’une place, n° 2").waitFor();
  await expectAccessible(page);
  expect(await form.evaluate((dialog) => dialog.contains(document.activeElement))).toBe(true);
  await form.getByRole("button", { name: "Fermer" }).last().click();

  // In the team, they have a place on the list, and nothing that needs a seat.
  const row = page.getByRole("row", { name: /Tom/ });
  await row.getByText("En attente d’une place").waitFor();
  await row.getByText("n° 2 sur la liste").waitFor();
  await row.getByRole("button", { name: "Actions pour Tom" }).click();
  await page.getByRole("menuitem", { name: "Retirer de partout" }).waitFor();
  expect(await page.getByRole("menuitem", { name: /Relancer|Suspendre|Corriger/ }).count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Autres" }).click();
  await page.getByRole("menuitemradio", { name: "En attente d’une place 2" }).click();
  await page.getByRole("link", { name: "Tom" }).click();
  const panel = page.getByRole("dialog", { name: "Tom" });
  await panel.getByText("quand une place sera libre et l’invitation acceptée", { exact: false }).waitFor();
  expect(await panel.getByRole("button", { name: /Relancer|Suspendre|Corriger/ }).count()).toBe(0);
  await panel.getByRole("button", { name: "Fermer" }).click();

  // The order is changed with the keyboard, which stays where it is.
  await page.goto("/");
  await page.getByRole("link", { name: /2 personnes attendent une place/ }).click();
  const items = page.locator(".waiting-list > li");
  await items.nth(1).getByText("Tom", { exact: true }).waitFor();
  await expectAccessible(page);
  const up = page.getByRole("button", { name: "Faire monter Tom" });
  await up.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("Tom est maintenant n° 1 sur la liste.").waitFor();
  await items.nth(0).getByText("Tom", { exact: true }).waitFor();
  expect(await up.evaluate((button) => button === document.activeElement)).toBe(true);
  expect(await up.getAttribute("aria-disabled")).toBe("true");

  // Someone else changes it meanwhile.
  const token = await tokenOf(sophie);
  const { waiting } = (await send("GET", `/v1/scopes/${id}/waiting-list`, token)) as {
    waiting: { id: string; version: number }[];
  };
  const [first, second] = waiting;
  const response = await fetch(`${new URL(page.url()).origin}/v1/scopes/${id}/waiting-list`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const order = { ids: [second?.id, first?.id] };
  await send("PUT", `/v1/scopes/${id}/waiting-list`, token, order, {
    "if-match": response.headers.get("etag") ?? "",
  });
  await page.getByRole("button", { name: "Mettre Zoé en tête de la liste" }).click();
  await page.getByRole("alert").getByText("La liste vient de changer.", { exact: false }).waitFor();
  await items.nth(0).getByText("Zoé", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Mettre Tom en tête de la liste" }).click();
  await items.nth(0).getByText("Tom", { exact: true }).waitFor();

  // A seat that is released is the first person's, with an invitation.
  const path = `/v1/scopes/${id}/collaborators/${lea.id}`;
  await send("DELETE", path, token, undefined, { "if-match": `"${lea.version}"` });
  expect(await linkTo(tom[0])).toContain("/invitation#");
  expect(await mailsTo(zoe[0])).toEqual([]);
  await page.getByRole("button", { name: "Retirer Zoé de la liste d’attente" }).click();
  const bin = page.getByRole("dialog");
  await bin.getByText("Ne libère aucune place.").waitFor();
  await bin.getByRole("button", { name: "Retirer l’accès à 1 personne" }).click();
  await page.getByRole("heading", { name: "Liste d’attente" }).waitFor({ state: "detached" });
  await page.goto(`/scopes/${id}`);
  await row.getByText("Invitation en attente").waitFor();
  await page.goto(`/scopes/${id}/history`);
  await page.getByText("Sophie a mis Tom en attente d’une place").waitFor();
  await page.getByText("Sophie a changé l’ordre de la liste d’attente").first().waitFor();
  await page.getByText("Une place s’est libérée pour Tom").waitFor();
  expectNoErrors();
});

test("people of a team that is brought over wait if no seat is free", async () => {
  const sophie = someone("Sophie");
  const id = await client("Relève", sophie, { seatLimit: 3 });
  const [last, next] = [`${id}:tech:summit`, `${id}:tech:next`];
  const people = ["Léa", "Max"].map((name) => ({
    email: someone(name)[0],
    name,
    grants: [{ scope: last, role: "reader" }],
  }));
  await send("POST", `/v1/scopes/${id}/imports`, await platform(), { people });
  // The event ends, and others get the seats.
  const token = await tokenOf(sophie);
  const { version } = await send("GET", `/v1/scopes/${last}`, token);
  await send("POST", `/v1/scopes/${last}/archive`, token, {}, { "if-match": `"${version}"` });
  for (const name of ["Emma", "Tom"]) await invite(id, sophie, someone(name), "reader");
  await send("PUT", `/v1/scopes/${next}`, await platform(), { name: "Relève 2027", kind: "event" });
  const page = await visitAs("fr-FR", sophie, `/scopes/${next}/event`);
  await page.getByRole("button", { name: /Équipe de/ }).click();
  await page.getByRole("option", { name: "Relève Summit" }).click();
  await page.getByText("Limite de collaborateurs atteinte").first().waitFor();
  await page.getByRole("checkbox", { name: /^Mettre en attente d’une place/ }).check();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Donner accès à 2 personnes" }).click();
  await page.getByText("2 personnes attendent une place.").waitFor();
  await page.goto(`/scopes/${next}?view=waiting`);
  const row = (name: RegExp) => page.getByRole("row", { name });
  await row(/Léa/).getByText("n° 1 sur la liste").waitFor();
  await row(/Max/).getByText("n° 2 sur la liste").waitFor();
  expectNoErrors();
});

test("one person who was refused waits instead, which can be undone", async () => {
  const sophie = someone("Sophie");
  const zoe = someone("Zoe");
  const id = await client("Sold out", sophie, { seatLimit: 1 });
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("E-mail addresses").fill(`Zoe <${zoe[0]}>`);
  await form.getByRole("button", { name: "Send invitation" }).click();
  await form.getByText("Seat limit reached").waitFor();
  await form.getByRole("checkbox", { name: /^Put on the waiting list/ }).check();
  await form.getByRole("button", { name: "Put on the waiting list" }).click();
  await page.getByText("Zoe waits for a seat: no. 1 on the list.").waitFor();
  const row = page.getByRole("row", { name: /Zoe/ });
  await row.getByText("Waiting for a seat").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("1 invitation withdrawn.").waitFor();
  await row.waitFor({ state: "detached" });
  expectNoErrors();
});
