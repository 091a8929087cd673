import { expect, test } from "vitest";
import { client, invite, linkTo, mailsTo, member, someone } from "./platform";
import { expectAccessible, expectNoErrors, visit, visitAs, withBrowser } from "./visit";

withBrowser();

test("une personne décline son invitation sans se connecter ; l’équipe le voit et libère la place", async () => {
  const sophie = someone("Sophie Bernard");
  const lea = someone("Léa Dubois");
  const id = await client("Refus", sophie, { seatLimit: 2 });
  const event = `${id}:tech:summit`;
  await invite(event, sophie, lea, "reader");
  const page = await visit("fr-FR");
  await page.goto(await linkTo(lea[0]));
  await page.getByRole("button", { name: "Décliner", exact: true }).click();
  await page.getByText("Le lien ne fonctionnera plus.", { exact: false }).waitFor();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Revenir à l’invitation" }).click();
  await page.getByRole("button", { name: "Décliner", exact: true }).click();
  await page.getByLabel("Raison (facultatif)").fill("Je change de métier.");
  await page.getByRole("button", { name: "Décliner l’invitation" }).click();
  await page.getByRole("heading", { name: "Vous avez décliné l’invitation" }).waitFor();

  const team = await visitAs("fr-FR", sophie, `/scopes/${event}`);
  await team.getByText("1 place utilisée sur 2").waitFor();
  const row = team.getByRole("row", { name: /Léa Dubois/ });
  await row.getByText("Invitation déclinée").waitFor();
  await team.getByRole("button", { name: "Autres" }).click();
  await team.getByRole("menuitemradio", { name: "Invitations déclinées 1" }).click();
  await row.getByRole("button", { name: "Actions pour Léa Dubois" }).click();
  await team.getByRole("menuitem", { name: "Inviter à nouveau" }).click();
  await team.getByText("cette personne a décliné il y a moins d’un jour", { exact: false }).waitFor();
  await team.goto("/");
  await team.getByRole("link", { name: /1 invitation déclinée/ }).click();
  await team.getByRole("row", { name: /Léa Dubois/ }).waitFor();
  await team.goto(`/scopes/${event}/history`);
  await team.getByText("Léa Dubois a décliné l’invitation").waitFor();
  await team.getByText("Je change de métier.").waitFor();
  const subjects = async () => (await mailsTo(sophie[0])).map(({ subject }) => subject);
  await expect.poll(subjects).toContain("Léa Dubois a décliné votre invitation à rejoindre Refus Summit");
  expectNoErrors();
});

test("un lien expiré permet d’en demander un nouveau", async () => {
  const page = await visit("fr-FR");
  const answer = (status: number, body: unknown) => ({
    status,
    contentType: status < 400 ? "application/json" : "application/problem+json",
    body: JSON.stringify(body),
  });
  const expired = { type: "/problems#invitation-expired", status: 410, code: "invitation-expired" };
  const gone = { ...expired, title: "Invitation expirée", detail: "Cette invitation a expiré." };
  await page.route("**/v1/invitations/preview", (asked) => asked.fulfill(answer(410, gone)));
  const asked: unknown[] = [];
  await page.route("**/v1/invitations/renewal", (request) => {
    asked.push(request.request().postDataJSON());
    return request.fulfill(answer(202, {}));
  });
  await page.goto("/invitation#acme.abcdefghijklmnopqrstuvwxyz.expired");
  await page.getByRole("heading", { name: "Cette invitation a expiré" }).waitFor();
  await page.getByRole("button", { name: "Demander un nouveau lien" }).click();
  await page.getByText("Votre demande est transmise.", { exact: false }).waitFor();
  expect(asked).toEqual([{ token: "acme.abcdefghijklmnopqrstuvwxyz.expired" }]);
  await expectAccessible(page);
});

test("toutes les invitations en attente se relancent d’un bouton", async () => {
  const sophie = someone("Sophie Bernard");
  const id = await client("Relance", sophie);
  const event = `${id}:tech:summit`;
  await member(event, sophie, "Emma Petit", "reader");
  for (const name of ["Léa Dubois", "Max Roux"]) await invite(event, sophie, someone(name), "reader");
  const team = await visitAs("fr-FR", sophie, `/scopes/${event}`);
  await team.getByRole("button", { name: "Invitations en attente 2" }).click();
  await team.getByRole("button", { name: "Relancer tout le monde (2)" }).click();
  // Within a minute of the first mail, each is refused, and the dialog says so for each.
  const dialog = team.getByRole("dialog", { name: "Relance des invitations" });
  await dialog.getByText("0 réussite, 2 échecs.").waitFor();
  expectNoErrors();
});
