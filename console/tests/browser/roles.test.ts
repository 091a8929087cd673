import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { client, invite, logIn, type Person, platform, send, someone, tokenOf } from "./platform";
import { expectNoErrors, visitAs, withBrowser } from "./visit";

withBrowser();

const NBSP = "\u00a0";

/** Defines a role by API, as its owner would. */
async function define(id: string, by: Person, key: string, role: Record<string, unknown> = {}) {
  const settings = {
    name: { fr: "Accueil", en: "Front desk" },
    permissions: ["contacts:view", "checkin:scan"],
    levels: ["event"],
    ...role,
  };
  return send("PUT", `/v1/scopes/${id}/roles/${key}`, await tokenOf(by), settings, { "if-none-match": "*" });
}

/** The role of the client with this name, on the page of roles. */
const roleOf = (page: Page, name: string) =>
  page.getByRole("listitem").filter({ has: page.getByRole("heading", { level: 3, name }) });

test("an owner creates a role, gives it, changes it knowing for whom, and deletes it", async () => {
  const sophie = someone("Sophie");
  const lea = someone("Léa");
  const id = await client("Foire", sophie);
  const page = await visitAs("fr-FR", sophie, `/scopes/${id}`);
  await page.getByRole("link", { name: "Rôles", exact: true }).click();
  await page.getByText("Aucun rôle créé pour l’instant.").waitFor();
  await page.getByRole("heading", { level: 3, name: "Superviseur" }).waitFor();

  // Creating it. The first field has the focus, and the name gives the key.
  await page.getByRole("button", { name: "Créer un rôle" }).click();
  const form = page.getByRole("dialog", { name: "Créer un rôle" });
  await form.waitFor();
  await page.keyboard.type("Accueil");
  expect(await form.getByLabel("Nom en français").inputValue()).toBe("Accueil");
  expect(await form.getByLabel("Identifiant").inputValue()).toBe("accueil");
  await form.getByRole("button", { name: "Créer un rôle" }).click();
  await form.getByText("Indiquez le nom dans les deux langues.").waitFor();
  await form.getByText("Choisissez au moins un droit.").waitFor();
  await form.getByLabel("Nom en anglais").fill("Front desk");
  await form.getByLabel("Description en français").fill("Accueille les participants.");
  await form.getByLabel("Description en anglais").fill("Welcomes attendees.");
  await form.getByRole("checkbox", { name: `Contacts${NBSP}: voir` }).check();
  await form.getByRole("checkbox", { name: `Accueil${NBSP}: scanner` }).check();
  expect(await form.getByRole("checkbox", { name: `Accueil${NBSP}: voir` }).isChecked()).toBe(true);
  expect(await form.getByRole("checkbox", { name: "Événement", exact: true }).isChecked()).toBe(true);
  expect(await form.getByRole("checkbox", { name: /^Droits d’accès/ }).count()).toBe(0);
  await form.getByRole("button", { name: "Créer un rôle" }).click();
  await page.getByText("Le rôle Accueil est créé.").waitFor();
  const role = roleOf(page, "Accueil");
  await role.getByText(`Contacts${NBSP}: voir${NBSP}; Accueil${NBSP}: voir, scanner`).waitFor();
  await role.getByText(`Se donne sur${NBSP}: événement`).waitFor();
  await role.getByRole("link", { name: /^0 personne/ }).waitFor();

  // Giving it to someone who is invited to an event.
  await page.goto(`/scopes/${id}:tech:summit`);
  await page.getByRole("button", { name: "Inviter", exact: true }).click();
  const inviting = page.getByRole("dialog");
  await inviting.getByLabel("Adresses e-mail").fill(`Léa <${lea[0]}>`);
  await inviting.getByRole("radio", { name: /^Accueil Accueille les participants\./ }).check();
  await inviting.getByRole("button", { name: "Envoyer l’invitation" }).click();
  await page
    .getByRole("row", { name: /Léa/ })
    .getByRole("button", { name: `Rôle de Léa${NBSP}: Accueil` })
    .waitFor();
  await logIn(id, lea);

  // Changing it: who gains and loses what comes first.
  await page.goto(`/scopes/${id}/roles`);
  await role.getByRole("link", { name: /^1 personne/ }).waitFor();
  await page.getByRole("button", { name: "Modifier le rôle Accueil" }).click();
  const edit = page.getByRole("dialog", { name: "Modifier le rôle Accueil", exact: true });
  await edit.getByText(`Identifiant${NBSP}: accueil`).waitFor();
  await edit.getByRole("button", { name: "Continuer" }).click();
  await edit.getByText("Vous n’avez rien modifié.").waitFor();
  await edit.getByRole("checkbox", { name: `Rapports${NBSP}: voir` }).check();
  await edit.getByRole("checkbox", { name: `Contacts${NBSP}: voir` }).uncheck();
  await edit.getByRole("button", { name: "Continuer" }).click();
  const preview = page.getByRole("dialog", { name: `Modifier le rôle Accueil${NBSP}?` });
  await preview.getByText("+ voir (Rapports), − voir (Contacts)").waitFor();
  await preview
    .getByText(`1 personne gagne${NBSP}: voir (Rapports)${NBSP}; perd${NBSP}: voir (Contacts)`, {
      exact: false,
    })
    .waitFor();
  await preview.getByText("Léa").waitFor();
  await preview.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByText("Le rôle Accueil est modifié.").waitFor();
  await role.getByText(`Accueil${NBSP}: voir, scanner${NBSP}; Rapports${NBSP}: voir`).waitFor();

  // The number leads to the people.
  await role.getByRole("link", { name: /^1 personne/ }).click();
  await page.getByRole("button", { name: `Rôle${NBSP}: Accueil` }).waitFor();
  await page.getByRole("row", { name: /Léa/ }).waitFor();
  expect(await page.getByRole("row", { name: /Sophie/ }).count()).toBe(0);

  // Deleting it: its holder gets another role.
  await page.goto(`/scopes/${id}/roles`);
  await page.getByRole("button", { name: "Supprimer le rôle Accueil" }).click();
  const removal = page.getByRole("dialog", { name: "Supprimer le rôle Accueil" });
  await removal.getByText("1 personne a ce rôle.", { exact: false }).waitFor();
  await removal.getByRole("button", { name: "Supprimer", exact: true }).click();
  await removal.getByText("Choisissez un rôle de remplacement.").waitFor();
  await removal.getByRole("button", { name: /Rôle de remplacement/ }).click();
  await page.getByRole("option", { name: "Observateur" }).click();
  await removal.getByText("1 personne gagne", { exact: false }).waitFor();
  await removal.getByRole("button", { name: "Supprimer", exact: true }).click();
  await page.getByText("Le rôle Accueil est supprimé.").waitFor();
  await page.getByText("Aucun rôle créé pour l’instant.").waitFor();
  await page.goto(`/scopes/${id}:tech:summit`);
  await page.getByRole("button", { name: `Rôle de Léa${NBSP}: Observateur` }).waitFor();

  // The history says all of it.
  await page.goto(`/scopes/${id}/history`);
  await page.getByText("Sophie a supprimé le rôle Accueil").waitFor();
  await page.getByText("Sophie a modifié le rôle Accueil").waitFor();
  await page.getByText("Sophie a créé le rôle Accueil").waitFor();
  await page.getByText("+ voir (Rapports), − voir (Contacts)").waitFor();
  await page.getByRole("button", { name: "Quoi" }).click();
  await page.getByRole("menuitemradio", { name: "Rôles modifiés" }).click();
  await page.getByText("Sophie a créé le rôle Accueil").waitFor({ state: "detached" });
  await page.getByText("Sophie a modifié le rôle Accueil").waitFor();
  expectNoErrors();
});

test("a key that is taken and a role that someone else changed are said in place, and nothing typed is lost", async () => {
  const sophie = someone("Sophie");
  const id = await client("Conflit", sophie);
  const page = await visitAs("en-GB", sophie, `/scopes/${id}/roles`);
  await page.getByText("No roles created yet.").waitFor();
  await page.getByRole("button", { name: "Create a role" }).click();
  const form = page.getByRole("dialog", { name: "Create a role" });
  await form.getByLabel("Name in English").fill("Front desk");
  await form.getByLabel("Name in French").fill("Accueil");
  await form.getByRole("checkbox", { name: "Contacts: view" }).check();
  const key = form.getByLabel("Key");
  await key.fill("reader");
  await form.getByRole("button", { name: "Create a role" }).click();
  await form.getByText("Another role already has this key.", { exact: false }).waitFor();
  // Someone else was faster.
  await define(id, sophie, "desk");
  await key.fill("desk");
  await form.getByRole("button", { name: "Create a role" }).click();
  await form.getByText("Another role already has this key.", { exact: false }).waitFor();
  // A closed form keeps what was typed.
  await form.getByRole("button", { name: "Cancel" }).click();
  await page.reload();
  await page.getByRole("button", { name: "Create a role" }).click();
  expect(await form.getByLabel("Name in English").inputValue()).toBe("Front desk");
  await form.getByRole("button", { name: "Cancel" }).click();

  await page.getByRole("button", { name: "Edit the role Front desk" }).click();
  const edit = page.getByRole("dialog", { name: "Edit the role Front desk" });
  await edit.getByRole("checkbox", { name: "Reports: view" }).check();
  const { version } = (await send("GET", `/v1/scopes/${id}/roles`, await tokenOf(sophie)).then((found) =>
    (found.roles as { key: string; version?: number }[]).find((role) => role.key === "desk"),
  )) ?? { version: 0 };
  const changed = {
    name: { fr: "Accueil", en: "Front desk" },
    permissions: ["contacts:view"],
    levels: ["event"],
  };
  await send("PUT", `/v1/scopes/${id}/roles/desk`, await tokenOf(sophie), changed, {
    "if-match": `"${version}"`,
  });
  await edit.getByRole("button", { name: "Continue" }).click();
  await edit.getByText("Someone has just changed this role.", { exact: false }).waitFor();
  await edit.getByText("− view (Check-in), − scan (Check-in)").waitFor();
  expect(await edit.getByRole("checkbox", { name: "Reports: view" }).isChecked()).toBe(true);
  await edit.getByRole("button", { name: "Continue" }).click();
  const preview = page.getByRole("dialog", { name: "Change the role Front desk?" });
  await preview.getByText("No one’s permissions change.").waitFor();
  await preview.getByRole("button", { name: "Save" }).click();
  await page.getByText("The role Front desk is changed.").waitFor();
  // No one holds it.
  await page.getByRole("button", { name: "Delete the role Front desk" }).click();
  const removal = page.getByRole("dialog", { name: "Delete the role Front desk" });
  await removal.getByText("No one has this role.").waitFor();
  await removal.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("The role Front desk is deleted.").waitFor();
  expectNoErrors();
});

test("a list names the client's roles, and a role that many hold is deleted in steps", async () => {
  const sophie = someone("Sophie");
  const id = await client("Foule", sophie, { seatLimit: null });
  await define(id, sophie, "accueil");
  const event = `${id}:tech:summit`;
  const page = await visitAs("fr-FR", sophie, `/scopes/${event}`);
  await page.getByRole("button", { name: "Inviter", exact: true }).click();
  const inviting = page.getByRole("dialog");
  const [zoe, tom] = [someone("Zoé"), someone("Tom")];
  await inviting.getByLabel("Adresses e-mail").fill(`E-mail;Rôle\n${zoe[0]};accueil\n${tom[0]};Front desk`);
  await inviting.getByRole("button", { name: `Rôle de la ligne 2${NBSP}: Accueil` }).waitFor();
  await inviting.getByRole("button", { name: `Rôle de la ligne 3${NBSP}: Accueil` }).waitFor();
  await inviting.getByRole("button", { name: "Inviter 2 personnes" }).click();
  await page.getByRole("row", { name: /zoe\./ }).waitFor();
  const people = Array.from({ length: 40 }, (_, n) => someone(`Hôte ${n}`));
  const invitations = people.map(([email, name]) => ({ email, name, role: "accueil" }));
  await send("POST", `/v1/scopes/${event}/collaborators`, await platform(), { invitations });
  await page.goto(`/scopes/${id}/roles`);
  await roleOf(page, "Accueil")
    .getByRole("link", { name: /^42 personnes/ })
    .waitFor();
  await page.getByRole("button", { name: "Supprimer le rôle Accueil" }).click();
  const removal = page.getByRole("dialog", { name: "Supprimer le rôle Accueil" });
  await removal.getByText("42 personnes ont ce rôle.", { exact: false }).waitFor();
  await removal.getByRole("button", { name: /Rôle de remplacement/ }).click();
  await page.getByRole("option", { name: "Lecteur" }).click();
  await removal.getByText("42 personnes gagnent", { exact: false }).waitFor();
  await removal.getByText("et 37 autres", { exact: false }).waitFor();
  // The API takes as many steps as it has time for, and the same request goes on.
  let requests = 0;
  let goOn = () => {};
  const isShown = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  await page.route(/\/roles\/accueil\?reassign=reader$/, async (route) => {
    requests += 1;
    if (requests === 1)
      return route.fulfill({ status: 202, json: { deleted: false, reassigned: 24, remaining: 18 } });
    await isShown;
    return route.continue();
  });
  await removal.getByRole("button", { name: "Supprimer", exact: true }).click();
  await removal.getByText("24 sur 42").waitFor();
  goOn();
  await page.getByText("Le rôle Accueil est supprimé.").waitFor();
  await page.goto(`/scopes/${event}?role=accueil`);
  await page.getByText("Personne ne correspond à ces filtres.").waitFor();
  expectNoErrors();
});

test("only those who manage the client's access see its roles, and others read their names", async () => {
  const sophie = someone("Sophie");
  const id = await client("Regard", sophie);
  await define(id, sophie, "accueil");
  const lea = someone("Léa");
  await invite(`${id}:tech:summit`, sophie, lea, "accueil");
  await logIn(id, lea);
  const page = await visitAs("fr-FR", lea, "/");
  await page.getByRole("table").getByText("Accueil").waitFor();
  await page.goto(`/scopes/${id}:tech:summit`);
  await page.getByRole("cell", { name: "Accueil" }).first().waitFor();
  expect(await page.getByRole("link", { name: "Rôles", exact: true }).count()).toBe(0);
  expectNoErrors();
});
