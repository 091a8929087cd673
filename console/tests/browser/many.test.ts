import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { client, invite, logIn, mailsTo, member, send, someone, tokenOf } from "./platform";
import { expectAccessible, expectNoErrors, visitAs, withBrowser } from "./visit";

withBrowser();

/** What can be done with the selected people. */
const bar = (page: Page) => page.getByRole("toolbar");

test("several people are invited from a list, with a check and a result for each line", async () => {
  const sophie = someone("Sophie");
  const lea = someone("Léa");
  const [max, zoe, tom, eva] = [someone("Max"), someone("Zoé"), someone("Tom"), someone("Eva")];
  const id = await client("Liste", sophie, { seatLimit: 4 });
  await invite(`${id}:tech`, sophie, lea, "reader");
  const page = await visitAs("fr-FR", sophie, `/scopes/${id}:tech`);
  await page.getByRole("button", { name: "Inviter", exact: true }).click();
  const form = page.getByRole("dialog");
  await form.getByText("2 places libres dans le contrat.").waitFor();
  const list = [
    "Adresse;Nom;Rôle",
    `${max[0]};Max;Contributeur`,
    "pas-une-adresse;Eva;Lecteur",
    `${lea[0]};Léa;Lecteur`,
    `${zoe[0]};Zoé;reader`,
    `${max[0]};Encore Max;`,
    `${tom[0]};Tom;chef`,
  ].join("\n");
  const choosing = page.waitForEvent("filechooser");
  await form.getByRole("button", { name: "Ouvrir un fichier CSV" }).click();
  const file = { name: "equipe.csv", mimeType: "text/csv", buffer: Buffer.from(`\uFEFF${list}`) };
  await (await choosing).setFiles(file);
  const line = (number: number) => form.getByRole("row", { name: new RegExp(`^${number} `) });
  await line(3).getByText("adresse introuvable ou non valide").waitFor();
  await line(5).getByText("sera invitée").waitFor();
  await line(6).getByText("en double").waitFor();
  await line(7).getByText("rôle « chef » non disponible ici").waitFor();
  await expectAccessible(page);
  // Three people for two seats: a warning before sending, and exact results after.
  await form.getByText("3 personnes à inviter, 2 à corriger.").waitFor();
  await form.getByText("3 personnes pour 2 places libres", { exact: false }).waitFor();
  await form.getByRole("button", { name: "Inviter 3 personnes" }).click();
  await form.getByText("2 invitations envoyées, 1 échec.").waitFor();
  await line(4).getByText(/déjà/).waitFor();
  await line(5).getByText("invitation envoyée").waitFor();
  // A wrong address or role is corrected in its line; only the lines without a success are sent again.
  await form.getByLabel("Adresse de la ligne 3").fill(eva[0]);
  await form.getByLabel("Adresse de la ligne 3").blur();
  await line(3).getByText("sera invitée").waitFor();
  await form.getByRole("button", { name: /Rôle de la ligne 7/ }).click();
  await page.getByRole("menuitemradio", { name: "Lecteur" }).click();
  await line(7).getByText("sera invitée").waitFor();
  await form.getByRole("button", { name: "Inviter 3 personnes" }).click();
  await line(3).getByText("Limite de collaborateurs atteinte").waitFor();
  await line(7).getByText("Limite de collaborateurs atteinte").waitFor();
  await line(5).getByText("invitation envoyée").waitFor();
  await form.getByRole("button", { name: "Fermer" }).last().click();
  await page.getByRole("row", { name: /Zoé/ }).getByText("Invitation en attente").waitFor();
  await page.getByRole("button", { name: "Rôle de Max : Contributeur" }).waitFor();
  await expect.poll(async () => (await mailsTo(max[0])).length).toBe(1);
  expectNoErrors();
});

test("a list that was sent in part keeps the people who were not invited, and no name of one goes to all", async () => {
  const sophie = someone("Sophie");
  const id = await client("Halves", sophie, { seatLimit: null });
  const people = Array.from({ length: 60 }, () => someone("Guest")[0]);
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const form = page.getByRole("dialog", { name: "Invite people – Halves" });
  const addresses = form.getByLabel("E-mail addresses");
  await addresses.fill(people[0] ?? "");
  await form.getByText("Options: name, language, personal message").click();
  await form.getByRole("textbox", { name: /^Name/ }).fill("Only One");
  await addresses.fill(people.join("\n"));
  // The first batch of 50 arrives, the second is lost.
  let sent = 0;
  await page.route("**/collaborators", (asked) => {
    if (asked.request().method() !== "POST") return asked.fallback();
    sent += 1;
    return sent > 1 ? asked.abort() : asked.fallback();
  });
  await form.getByRole("button", { name: "Invite 60 people" }).click();
  await form.getByText("No connection").waitFor();
  await form.getByRole("button", { name: "Close" }).last().click();
  await page.unroute("**/collaborators");
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  expect(await addresses.inputValue()).toBe(people.slice(50).join("\n"));
  await form.getByRole("button", { name: "Invite 10 people" }).click();
  await page.getByText("10 invitations sent.").waitFor();
  const found = await send("GET", `/v1/scopes/${id}/collaborators?limit=200`, await tokenOf(sophie));
  const names = (found.collaborators as { name: string | null }[]).map(({ name }) => name);
  expect(names.filter((name) => name === null)).toHaveLength(60);
  expectNoErrors();
});

test("access of several people is removed at once, here or at all lower levels, with a preview and results", async () => {
  const sophie = someone("Sophie");
  const [karim, lea, max] = [someone("Karim"), someone("Lea"), someone("Max")];
  const id = await client("Several", sophie);
  await invite(id, sophie, karim, "administrator");
  await logIn(id, karim);
  await invite(`${id}:tech`, sophie, lea, "reader");
  await invite(`${id}:tech:summit`, sophie, lea, "contributor");
  await invite(`${id}:tech`, sophie, max, "reader");
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await page.getByRole("row", { name: /Max/ }).waitFor();
  // Everyone except the signed-in user.
  await page.getByRole("checkbox", { name: "Select everyone shown" }).check();
  await bar(page).getByText("3 people selected").waitFor();
  expect(await page.getByRole("checkbox", { name: "Select Sophie" }).isDisabled()).toBe(true);
  await page.getByRole("checkbox", { name: "Select Karim" }).uncheck();
  await bar(page).getByRole("button", { name: "Remove access" }).click();
  const bin = page.getByRole("dialog");
  // Nothing stands at the client itself: the lower levels are proposed.
  const below = bin.getByLabel("Several and all its events");
  await bin.getByRole("row", { name: /Lea/ }).getByText("Reader · Several Tech").waitFor();
  expect(await below.isChecked()).toBe(true);
  await bin.getByLabel("Several only").check();
  await bin.getByRole("row", { name: /Lea/ }).getByText("No access here itself.", { exact: false }).waitFor();
  expect(await bin.getByRole("button", { name: "Remove access" }).isDisabled()).toBe(true);
  await below.check();
  await bin.getByText("Frees 2 seats.").waitFor();
  await bin.getByRole("button", { name: "Remove access for 2 people" }).click();
  const result = page.getByRole("dialog", { name: "Result" });
  await result.getByText("Access removed for 2 people, 2 seats freed.").waitFor();
  // Each person is listed with a result, also after the grid was reloaded.
  for (const name of ["Lea", "Max"])
    await result
      .getByRole("listitem")
      .filter({ hasText: `${name} – removed, seat freed` })
      .waitFor();
  await expectAccessible(page);
  await result.getByRole("button", { name: "Close" }).last().click();
  await page.getByRole("row", { name: /Max/ }).waitFor({ state: "detached" });
  await page.getByText("2 of 25 seats used").waitFor();
  // A removed person is no longer selected.
  await bar(page).waitFor({ state: "detached" });
  expectNoErrors();
});

test("an owner's access is not removed, and inherited access is removed where it was granted", async () => {
  const sophie = someone("Sophie");
  const id = await client("Owned", sophie);
  const karim = await member(id, sophie, "Karim", "administrator");
  const page = await visitAs("en-GB", karim, `/scopes/${id}`);
  const bin = page.getByRole("dialog");
  const plan = async (scope: string) => {
    await page.goto(`/scopes/${scope}`);
    await page.getByRole("checkbox", { name: "Select Sophie" }).check();
    await bar(page).getByRole("button", { name: "Remove access" }).click();
  };
  await plan(id);
  await bin.getByText("Ownership cannot be removed, only transferred.").waitFor();
  await plan(`${id}:tech`);
  await bin.getByText("Given at Owned: remove it there.", { exact: false }).waitFor();
  await bin.getByText("Owner · Owned").waitFor();
  expect(await bin.getByRole("button", { name: "Remove access" }).isDisabled()).toBe(true);
  await bin.getByRole("link", { name: "Open Owned" }).click();
  await page.getByRole("heading", { name: "Team – Owned" }).waitFor();
  expectNoErrors();
});

test("role and end of several people are changed at once, on the versions shown", async () => {
  const sophie = someone("Sophie");
  const [lea, max] = [someone("Lea"), someone("Max")];
  const id = await client("Postponed", sophie);
  await invite(`${id}:tech`, sophie, lea, "reader");
  await invite(`${id}:tech`, sophie, max, "manager");
  const page = await visitAs("fr-FR", sophie, `/scopes/${id}:tech`);
  await page.getByRole("checkbox", { name: "Sélectionner Lea" }).check();
  await page.getByRole("checkbox", { name: "Sélectionner Max" }).check();
  const form = page.getByRole("dialog", { name: "Modifier l’accès de 2 personnes" });
  const end = async (choice: string) => {
    await form.getByRole("button", { name: /Accès jusqu’au$/ }).click();
    await page.getByRole("option", { name: choice }).click();
  };
  await bar(page).getByRole("button", { name: "Fin" }).click();
  await page.getByRole("menuitem", { name: "Choisir une date…" }).click();
  await form.getByRole("button", { name: /^Modifier/ }).click();
  await form.getByRole("alert").getByText("Choisissez une date.").waitFor();
  await end("Ne pas changer");
  await form.getByRole("button", { name: /^Modifier/ }).click();
  await form.getByText("Choisissez un rôle ou une fin qui change quelque chose.").waitFor();
  await end("À une date");
  await form.getByRole("spinbutton", { name: /^jour/i }).click();
  await page.keyboard.type("01032031");
  await expectAccessible(page);
  // Someone else changes Max meanwhile: the change of Max is refused, Lea's is done.
  await invite(`${id}:tech:summit`, sophie, max, "reader");
  await form.getByRole("button", { name: "Modifier 2 accès" }).click();
  const result = page.getByRole("dialog", { name: "Résultat" });
  await result.getByText("1 accès modifié, 1 échec.").waitFor();
  await result.getByRole("listitem").filter({ hasText: "Lea – modifié" }).waitFor();
  await result.getByRole("button", { name: "Fermer" }).last().click();
  await page.getByRole("button", { name: "Fin de l’accès de Lea : 1 mars 2031" }).waitFor();
  await page.getByRole("button", { name: "Fin de l’accès de Max : sans fin" }).waitFor();
  await page.getByRole("button", { name: "Rôle de Lea : Lecteur" }).waitFor();
  // The row of Max was read again, so the change can be repeated.
  await bar(page).getByRole("button", { name: "Rôle" }).click();
  await page.getByRole("menuitem", { name: /^Observateur/ }).click();
  await form.getByRole("button", { name: "Modifier 2 accès" }).click();
  await result.getByText("2 accès modifiés.").waitFor();
  await result.getByRole("button", { name: "Fermer" }).last().click();
  await page.getByRole("button", { name: "Rôle de Max : Observateur" }).waitFor();
  // The end that was not touched is kept.
  await page.getByRole("button", { name: "Fin de l’accès de Lea : 1 mars 2031" }).waitFor();
  expectNoErrors();
});

test("a selection survives a search, and says how many of the people are not shown", async () => {
  const sophie = someone("Sophie");
  const [lea, max, zoe] = [someone("Lea"), someone("Max"), someone("Zoe")];
  const id = await client("Kept", sophie);
  for (const person of [lea, max, zoe]) await invite(id, sophie, person, "reader");
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await page.getByRole("checkbox", { name: "Select Lea" }).check();
  await page.getByLabel("Search for a name or an address").fill("max");
  await page.getByRole("row", { name: /Lea/ }).waitFor({ state: "detached" });
  await bar(page).getByText("1 person selected 1 of them not shown").waitFor();
  await page.getByRole("checkbox", { name: "Select Max" }).check();
  await bar(page).getByText("2 people selected 1 of them not shown").waitFor();
  // What is done applies to both, and to no one else.
  await bar(page).getByRole("button", { name: "Role" }).click();
  await page.getByRole("menuitem", { name: /^Observer/ }).click();
  const form = page.getByRole("dialog", { name: "Change access for 2 people" });
  await form.getByRole("button", { name: "Change access for 2" }).click();
  const result = page.getByRole("dialog", { name: "Result" });
  await result.getByText("2 changed.").waitFor();
  await result.getByRole("button", { name: "Close" }).last().click();
  await page.getByRole("button", { name: "Clear filters" }).click();
  for (const [name, role] of [
    ["Lea", "Observer"],
    ["Max", "Observer"],
    ["Zoe", "Reader"],
  ])
    await page.getByRole("button", { name: `Role of ${name}: ${role}` }).waitFor();
  expect(await page.getByRole("checkbox", { name: "Select Lea" }).isChecked()).toBe(true);
  await bar(page).getByRole("button", { name: "Clear selection" }).click();
  await bar(page).waitFor({ state: "detached" });
  expect(await page.getByRole("checkbox", { name: "Select Lea" }).isChecked()).toBe(false);
  expectNoErrors();
});

test("selected people who are not shown can be changed a second time", async () => {
  const sophie = someone("Sophie");
  const [lea, max] = [someone("Lea"), someone("Max")];
  const id = await client("Twice", sophie);
  for (const person of [lea, max]) await invite(id, sophie, person, "reader");
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await page.getByRole("checkbox", { name: "Select Lea" }).check();
  await page.getByRole("checkbox", { name: "Select Max" }).check();
  await page.getByLabel("Search for a name or an address").fill("max");
  await bar(page).getByText("2 people selected 1 of them not shown").waitFor();
  const form = page.getByRole("dialog", { name: "Change access for 2 people" });
  const result = page.getByRole("dialog", { name: "Result" });
  for (const role of [/^Observer/, /^Manager/]) {
    await bar(page).getByRole("button", { name: "Role" }).click();
    await page.getByRole("menuitem", { name: role }).click();
    await form.getByRole("button", { name: "Change access for 2" }).click();
    await result.getByText(/^\d changed/).waitFor();
    expect(await result.getByRole("listitem").allTextContents()).toEqual(["Lea – changed", "Max – changed"]);
    await result.getByRole("button", { name: "Close" }).last().click();
  }
  expectNoErrors();
});

test("a person is suspended and restored, and found by what needs attention", async () => {
  const sophie = someone("Sophie");
  const id = await client("Paused", sophie, { seatLimit: 2 });
  const lea = await member(id, sophie, "Lea", "reader");
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await page.getByRole("link", { name: "Lea" }).click();
  const panel = page.getByRole("dialog", { name: "Lea", exact: true });
  await panel.getByRole("button", { name: "Suspend access" }).click();
  const form = page.getByRole("dialog", { name: "Suspend access for Lea" });
  await form.getByLabel("Reason", { exact: false }).fill("On leave");
  await expectAccessible(page);
  await form.getByRole("button", { name: "Suspend access" }).click();
  await page.getByText("Access for Lea is suspended.").waitFor();
  await panel.getByRole("button", { name: "Restore access" }).waitFor();
  await page.goto(`/scopes/${id}?view=suspended`);
  await page.getByRole("row", { name: /Lea/ }).getByText("Suspended").waitFor();
  await page.getByText("1 of 2 seats used").waitFor();
  await page.getByRole("button", { name: "Actions for Lea" }).click();
  await page.getByRole("menuitem", { name: "Restore access" }).click();
  await page.getByText("Access for Lea is restored.").waitFor();
  await page.getByText("2 of 2 seats used").waitFor();
  await page.goto(`/scopes/${id}`);
  await page.getByRole("link", { name: "Lea" }).click();
  await panel.getByText("Sophie suspended Lea").waitFor();
  await panel.getByText("Reason: On leave").waitFor();
  await panel.getByText("Sophie restored Lea").waitFor();
  await page.goto(`/scopes/${id}?view=dormant`);
  await page.getByText("No matches").waitFor();
  await page.getByRole("button", { name: /^No login for 90 days/ }).waitFor();
  expect(lea[0]).toContain("@");
  expectNoErrors();
});
