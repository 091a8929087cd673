import { expect, test } from "vitest";
import { client, invite, logIn, mailsTo, someone } from "./platform";
import { expectAccessible, expectNoComplaints, visitAs, withBrowser } from "./visit";

withBrowser();

test("many are invited from a list, with a word on each line before and after", async () => {
  const sophie = someone("Sophie");
  const lea = someone("Léa");
  const [max, zoe, tom] = [someone("Max"), someone("Zoé"), someone("Tom")];
  const id = await client("Liste", sophie, { seatLimit: 4 });
  await invite(`${id}:tech`, sophie, lea, "reader");
  const page = await visitAs("fr-FR", sophie, `/scopes/${id}:tech`);
  await page.getByRole("button", { name: "Inviter" }).click();
  const form = page.getByRole("dialog");
  await form.getByText("2 sièges libres au contrat.").waitFor();
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
  await line("pas-une-adresse").getByText("pas d’adresse valable").waitFor();
  await line("Encore Max").getByText("en double dans la liste").waitFor();
  await line(tom[0]).getByText("rôle « chef » inconnu ici").waitFor();
  await line(zoe[0]).getByText("prête").waitFor();
  // Three people for two seats: it is said before, and exact after.
  await form.getByText("3 personnes pour 2 sièges libres", { exact: false }).waitFor();
  await form.getByRole("button", { name: "Inviter 3 personnes" }).click();
  await form.getByText("2 invitations faites, 1 refusée.").waitFor();
  await line(lea[0]).getByText("Accès déjà donné").waitFor();
  await line(zoe[0]).getByText("invitation partie").waitFor();
  // A line is mended and sent again; what was done is not done again.
  await form.getByLabel("Une personne par ligne", { exact: false }).fill(list.replace(";chef", ";Lecteur"));
  await form.getByRole("button", { name: "Inviter 2 personnes" }).click();
  await line(tom[0]).getByText("Limite de collaborateurs atteinte").waitFor();
  await form.getByRole("button", { name: "Fermer" }).last().click();
  await page.getByRole("row", { name: /Zoé/ }).getByText("En attente").waitFor();
  await expect.poll(async () => (await mailsTo(max[0])).length).toBe(1);
  expectNoComplaints();
});

test("several are taken back at once, here or everywhere below, with what remains said before and after", async () => {
  const sophie = someone("Sophie");
  const [karim, lea, max] = [someone("Karim"), someone("Lea"), someone("Max")];
  const id = await client("Several", sophie);
  await invite(id, sophie, karim, "administrator");
  await logIn(id, karim);
  await invite(`${id}:tech`, sophie, lea, "reader");
  await invite(`${id}:tech:summit`, sophie, lea, "contributor");
  await invite(`${id}:tech`, sophie, max, "reader");
  const page = await visitAs("en-GB", sophie, `/scopes/${id}`);
  await page.getByLabel("Also those with access further down only").check();
  await page.getByRole("row", { name: /Max/ }).waitFor();
  // Everybody but oneself.
  await page.getByRole("checkbox", { name: "Select everybody shown" }).check();
  await page.getByText("3 people selected").waitFor();
  expect(await page.getByRole("checkbox", { name: "Select Sophie" }).isDisabled()).toBe(true);
  await page.getByRole("checkbox", { name: "Select Karim" }).uncheck();
  await page.getByRole("button", { name: "Take access back" }).click();
  const bin = page.getByRole("dialog");
  await bin.getByRole("row", { name: /Lea/ }).getByText("nothing to take here", { exact: false }).waitFor();
  expect(await bin.getByRole("button", { name: /Take access back from 0/ }).isDisabled()).toBe(true);
  await bin.getByLabel("At Several and everywhere below").check();
  await bin.getByText("Frees 2 seats.").waitFor();
  await bin.getByRole("button", { name: "Take access back from 2 people" }).click();
  const result = page.getByRole("dialog", { name: "Result" });
  await result.getByText("Access taken back from 2 people, 2 seats freed.").waitFor();
  // Each person stands there with what became of it, also once the grid was read again.
  for (const name of ["Lea", "Max"])
    await result
      .getByRole("listitem")
      .filter({ hasText: `${name} – taken back, seat freed` })
      .waitFor();
  await expectAccessible(page);
  await result.getByRole("button", { name: "Close" }).last().click();
  await page.getByRole("row", { name: /Max/ }).waitFor({ state: "detached" });
  await page.getByText("2 of 25 seats").waitFor();
  expectNoComplaints();
});

test("an owner's access is not taken, and an inherited one is taken where it was given", async () => {
  const sophie = someone("Sophie");
  const karim = someone("Karim");
  const id = await client("Owned", sophie);
  await invite(id, sophie, karim, "administrator");
  await logIn(id, karim);
  const page = await visitAs("en-GB", karim, `/scopes/${id}`);
  const bin = page.getByRole("dialog");
  const plan = async (scope: string) => {
    await page.goto(`/scopes/${scope}`);
    await page.getByRole("checkbox", { name: "Select Sophie" }).check();
    await page.getByRole("button", { name: "Take access back" }).click();
  };
  await plan(id);
  await bin.getByText("ownership: handed over, not taken").waitFor();
  await plan(`${id}:tech`);
  await bin.getByText("The access comes from higher up", { exact: false }).waitFor();
  await bin.getByText("Owner · Owned (client)").waitFor();
  expect(await bin.getByRole("button", { name: /Take access back from 0/ }).isDisabled()).toBe(true);
  expectNoComplaints();
});
