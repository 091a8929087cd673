import { expect, test } from "vitest";
import { client, invite, logIn, mailsTo, member, someone } from "./platform";
import { expectAccessible, expectNoErrors, visitAs, withBrowser } from "./visit";

withBrowser();

test("several people are invited from a list, with a check and a result for each line", async () => {
  const sophie = someone("Sophie");
  const lea = someone("Léa");
  const [max, zoe, tom] = [someone("Max"), someone("Zoé"), someone("Tom")];
  const id = await client("Liste", sophie, { seatLimit: 4 });
  await invite(`${id}:tech`, sophie, lea, "reader");
  const page = await visitAs("fr-FR", sophie, `/scopes/${id}:tech`);
  await page.getByRole("button", { name: "Inviter" }).click();
  const form = page.getByRole("dialog");
  await form.getByText("2 sièges libres dans votre contrat.").waitFor();
  await form.getByLabel("Plusieurs personnes").check();
  const list = [
    "Adresse;Nom;Rôle",
    `${max[0]};Max;Contributeur`,
    "pas-une-adresse;Personne;Lecteur",
    `${lea[0]};Léa;Lecteur`,
    `${zoe[0]};Zoé;reader`,
    `${max[0]};Encore Max;`,
    `${tom[0]};Tom;chef`,
  ].join("\n");
  const file = { name: "equipe.csv", mimeType: "text/csv", buffer: Buffer.from(`\uFEFF${list}`) };
  await form.getByLabel("Ouvrir un fichier CSV").setInputFiles(file);
  const line = (who: string) => form.getByRole("row", { name: who });
  await line("pas-une-adresse").getByText("adresse non valide").waitFor();
  await line("Encore Max").getByText("en double").waitFor();
  await line(tom[0]).getByText("rôle « chef » non disponible ici").waitFor();
  await line(zoe[0]).getByText("prête").waitFor();
  // Three people for two seats: a warning before sending, and exact results after.
  await form.getByText("3 personnes pour 2 sièges libres", { exact: false }).waitFor();
  await form.getByRole("button", { name: "Inviter 3 personnes" }).click();
  await form.getByText("2 invitations envoyées, 1 échec.").waitFor();
  await line(lea[0]).getByText(/déjà/).waitFor();
  await line(zoe[0]).getByText("invitation envoyée").waitFor();
  // After correcting a line, only the lines without a success are sent again.
  await form.getByLabel("Une personne par ligne", { exact: false }).fill(list.replace(";chef", ";Lecteur"));
  await form.getByRole("button", { name: "Inviter 2 personnes" }).click();
  await line(tom[0]).getByText("Limite de collaborateurs atteinte").waitFor();
  await form.getByRole("button", { name: "Fermer" }).last().click();
  await page.getByRole("row", { name: /Zoé/ }).getByText("En attente").waitFor();
  await expect.poll(async () => (await mailsTo(max[0])).length).toBe(1);
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
  await page.getByText("3 people selected").waitFor();
  expect(await page.getByRole("checkbox", { name: "Select Sophie" }).isDisabled()).toBe(true);
  await page.getByRole("checkbox", { name: "Select Karim" }).uncheck();
  await page.getByRole("button", { name: "Remove access" }).click();
  const bin = page.getByRole("dialog");
  // Nothing stands at the client itself: the lower levels are proposed.
  const below = bin.getByLabel("Several and all lower levels");
  await bin.getByRole("row", { name: /Lea/ }).getByText("Reader · Several Tech (audience)").waitFor();
  expect(await below.isChecked()).toBe(true);
  await bin.getByLabel("Several only").check();
  await bin.getByRole("row", { name: /Lea/ }).getByText("only at lower ones", { exact: false }).waitFor();
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
  await page.getByText("2 of 25 seats").waitFor();
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
    await page.getByRole("button", { name: "Remove access" }).click();
  };
  await plan(id);
  await bin.getByText("Ownership cannot be removed, only transferred.").waitFor();
  await plan(`${id}:tech`);
  await bin.getByText("This access comes from higher up: Owned.", { exact: false }).waitFor();
  await bin.getByText("Owner · Owned (client)").waitFor();
  expect(await bin.getByRole("button", { name: "Remove access" }).isDisabled()).toBe(true);
  await bin.getByRole("link", { name: "Open Owned" }).click();
  await page.getByRole("heading", { name: "Who has access to Owned" }).waitFor();
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
  await page.getByRole("button", { name: "Changer le rôle ou la fin" }).click();
  const form = page.getByRole("dialog");
  await form.getByRole("button", { name: "Changer l’accès de 2 personnes" }).click();
  await form.getByText("Choisissez un rôle ou une fin.").waitFor();
  await form.getByLabel("Fin de l’accès").selectOption("À une date");
  await form.getByLabel("Date et heure").fill("2031-03-01T18:00");
  await expectAccessible(page);
  // Someone else changes Max meanwhile: the change of Max is refused, Lea's is done.
  await invite(`${id}:tech:summit`, sophie, max, "reader");
  await form.getByRole("button", { name: "Changer l’accès de 2 personnes" }).click();
  const result = page.getByRole("dialog", { name: "Résultat" });
  await result.getByText("1 accès modifié, 1 échec.").waitFor();
  await result.getByRole("listitem").filter({ hasText: "Lea – modifié" }).waitFor();
  await result.getByRole("button", { name: "Fermer" }).last().click();
  await page.getByRole("row", { name: /Lea/ }).getByText("2031", { exact: false }).waitFor();
  await page.getByRole("row", { name: /Lea/ }).getByText("Lecteur").first().waitFor();
  // The row of Max was read again, so the change can be repeated.
  await page.getByRole("button", { name: "Changer le rôle ou la fin" }).click();
  await form.getByLabel("Rôle").selectOption("Observateur");
  await form.getByRole("button", { name: "Changer l’accès de 2 personnes" }).click();
  await result.getByText("2 accès modifiés.").waitFor();
  expectNoErrors();
});

test("a person is suspended and restored, and found by what needs attention", async () => {
  const sophie = someone("Sophie");
  const id = await client("Paused", sophie, { seatLimit: 2 });
  const lea = await member(id, sophie, "Lea", "reader");
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await page.getByRole("link", { name: "Lea" }).click();
  await page.getByRole("button", { name: "Suspend access" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Reason", { exact: false }).fill("On leave");
  await expectAccessible(page);
  await form.getByRole("button", { name: "Suspend access" }).click();
  await page.getByText("Access for Lea is suspended.").waitFor();
  await page.getByRole("button", { name: "Restore access" }).waitFor();
  await page.goto(`/scopes/${id}?status=suspended`);
  await page.getByRole("row", { name: /Lea/ }).getByText("Suspended").waitFor();
  await page.getByText("1 of 2 seats").waitFor();
  await page.getByRole("link", { name: "Lea" }).click();
  await page.getByRole("button", { name: "Restore access" }).click();
  await page.getByText("Access for Lea is restored.").waitFor();
  await page.getByText("Sophie restored Lea").waitFor();
  await page.goto(`/scopes/${id}?attention=dormant`);
  await page.getByText("No matches").waitFor();
  expect(await page.getByLabel("Needs attention").inputValue()).toBe("dormant");
  expect(lea[0]).toContain("@");
  expectNoErrors();
});
