import { expect, test } from "vitest";
import { client, logIn, type Person, platform, send, someone, tokenOf } from "./platform";
import { expectAccessible, expectNoErrors, visitAs, withBrowser } from "./visit";

withBrowser();

/** Writes an event as the platform does. */
const putEvent = async (id: string, name: string, fields: object) =>
  send("PUT", `/v1/scopes/${id}`, await platform(), { name, kind: "event", ...fields });

const days = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString();

/** As the page shows a day of the client's time zone, which is UTC. */
const day = (time: string) =>
  new Intl.DateTimeFormat("fr-FR", { dateStyle: "medium", timeZone: "UTC" }).format(new Date(time));

test("last year's event is archived, its team comes to this year's, and the end moves with the event", async () => {
  const [sophie, lea] = [someone("Sophie"), someone("Léa")];
  const [max, zoe] = [someone("Max"), someone("Zoé")];
  const id = await client("Salon", sophie, { accessEndsAfterDays: 30 });
  const [last, next] = [`${id}:tech:summit`, `${id}:tech:next`];
  await putEvent(last, "Salon 2026", { endsAt: days(-1) });
  // Imported, so that no one got a mail in the last minute.
  const person = ([email, name]: Person, role: string) => ({ email, name, grants: [{ scope: last, role }] });
  const people = [person(lea, "reader"), person(max, "reader"), person(zoe, "manager")];
  await send("POST", `/v1/scopes/${id}/imports`, await platform(), { people });
  await logIn(id, lea);

  // The end of last year's event, then its archive, and back by "undo".
  const page = await visitAs("fr-FR", sophie, `/scopes/${last}`);
  await page.getByRole("link", { name: "Dates et accès" }).click();
  await page.getByText(`Les accès de 3 personnes prennent fin le ${day(days(29))}.`).waitFor();
  await expectAccessible(page);
  const archive = async () => {
    await page.getByRole("button", { name: "Archiver" }).click();
    const dialog = page.getByRole("dialog", { name: "Archiver Salon 2026" });
    await dialog.getByText("3 personnes perdent leur accès.").waitFor();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Archiver" }).click();
    await page.getByText("Salon 2026 est archivé.").waitFor();
  };
  await archive();
  await page.getByText(/^Archivé le /).waitFor();
  await page.getByRole("button", { name: "Annuler" }).click();
  await page.getByText("Salon 2026 n’est plus archivé.").waitFor();
  await page.getByRole("button", { name: "Archiver" }).waitFor();
  await archive();
  await page.getByRole("link", { name: "Historique" }).click();
  await page.getByText("Sophie a archivé Salon 2026").first().waitFor();

  // This year's event, with the team of last year: Max does not come, and Zoé in another role.
  await putEvent(next, "Salon 2027", { endsAt: days(60) });
  await page.goto(`/scopes/${next}/event`);
  await page.getByRole("button", { name: /Équipe de/ }).click();
  await page.getByRole("option", { name: "Salon 2026" }).click();
  await page.getByText("L’équipe telle qu’elle était à la fin des accès.").waitFor();
  await page.getByRole("checkbox", { name: /Max/ }).uncheck();
  await page.getByRole("button", { name: /Rôle Zoé/ }).click();
  await page.getByRole("option", { name: "Observateur" }).click();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Donner accès à 2 personnes" }).click();
  await page.getByText("2 personnes ont accès.").waitFor();
  const team = await send("GET", `/v1/scopes/${next}/collaborators?inherited=false`, await tokenOf(sophie));
  const roles = (team.collaborators as { name: string; role: string }[]).map(({ name, role }) => [
    name,
    role,
  ]);
  expect(roles.sort()).toEqual([
    [lea[1], "reader"],
    [zoe[1], "observer"],
  ]);

  // The platform moves the event, and the end of access with it.
  await page.getByText(`Les accès de 2 personnes prennent fin le ${day(days(90))}.`).waitFor();
  await putEvent(next, "Salon 2027", { endsAt: days(120) });
  await page.reload();
  await page.getByText(`Les accès de 2 personnes prennent fin le ${day(days(150))}.`).waitFor();
  await page.getByRole("link", { name: "Équipe", exact: true }).click();
  const row = page.getByRole("row", { name: /Léa/ });
  await row.getByText(day(days(150))).waitFor();
  await row.getByText("avec l’événement").waitFor();

  // One person stays after the event.
  await page.getByRole("button", { name: "Actions pour Léa" }).click();
  await page.getByRole("menuitem", { name: /^Modifier/ }).click();
  await page.getByRole("checkbox", { name: "Continue après l’événement" }).check();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await row.getByText("Continue après l’événement").waitFor();

  // Another one helps at two more scopes, and stays after the event among them.
  const winter = `${id}:tech:winter`;
  await putEvent(winter, "Salon d’hiver", { endsAt: days(30) });
  await page.reload();
  await page.getByRole("button", { name: "Actions pour Zoé" }).click();
  await page.getByRole("menuitem", { name: "Donner accès à…" }).click();
  const dialog = page.getByRole("dialog", { name: "Donner accès à Zoé" });
  const outlives = dialog.getByRole("checkbox", { name: "Continue après l’événement" });
  await dialog.getByRole("checkbox", { name: /Tech/ }).check();
  expect(await outlives.count(), "only for events").toBe(0);
  await dialog.getByRole("checkbox", { name: "Salon d’hiver" }).check();
  await outlives.check();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Donner 2 accès" }).click();
  await page.getByText("2 accès donnés.").waitFor();
  const given = await send(
    "GET",
    `/v1/scopes/${winter}/collaborators?inherited=false`,
    await tokenOf(sophie),
  );
  const lasting = (
    given.collaborators as { name: string; grants: { scope: string; outlivesEvent?: boolean }[] }[]
  )
    .find(({ name }) => name === zoe[1])
    ?.grants.find(({ scope }) => scope === winter);
  expect(lasting?.outlivesEvent).toBe(true);
  expectNoErrors();
});
