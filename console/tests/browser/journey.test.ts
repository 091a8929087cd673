import { expect, test } from "vitest";
import { client, linkTo, type Person, someone } from "./platform";
import { expectNoErrors, picture, signIn, visit, visitAs, withBrowser } from "./visit";

withBrowser();

// Digitevent (docs/domain.md#sources): an owner adds a collaborator by address, with one of four roles, and sees the
// last login.
test("un organisateur invite une collègue, qui accepte ; il change son rôle, puis retire son accès", async () => {
  const claire = someone("Claire Martin");
  const lea = someone("Léa Dubois");
  const roles = ["administrator", "manager", "supervisor", "observer"];
  await client("Salon", claire, { granting: "owner", roles, seatLimit: 3 });

  const owner = await visitAs("fr-FR", claire, "/");
  await owner.getByRole("main").getByRole("link", { name: "Salon Summit" }).click();
  await owner.getByText("1 place utilisée sur 3").waitFor();
  await owner.getByRole("button", { name: "Inviter" }).click();
  const form = owner.getByRole("dialog", { name: "Inviter des personnes – Salon Summit" });
  await form.getByLabel("Adresses e-mail").fill(lea[0]);
  await form.getByText("Options : nom, langue, message personnel").click();
  await form.getByRole("textbox", { name: /^Nom/ }).fill(lea[1]);
  expect(
    await form.getByRole("radio", { name: /Administrateur|Gestionnaire|Superviseur|Observateur/ }).count(),
  ).toBe(4);
  await form.getByRole("radio", { name: /Observateur/ }).check();
  await form.getByLabel("Message personnel").fill("Bienvenue !");
  await form.getByRole("button", { name: "Envoyer l’invitation" }).click();
  await owner.getByText("Invitation envoyée à Léa Dubois.").waitFor();
  const row = owner.getByRole("row", { name: /Léa Dubois/ });
  await row.getByText("Invitation en attente").waitFor();
  await owner.getByText("2 places utilisées sur 3").waitFor();
  // A reminder shows how long to wait, once the mail is sent.
  await row.getByText(/^envoyée /).waitFor();
  await row.getByRole("button", { name: "Actions pour Léa Dubois" }).click();
  await owner.getByRole("menuitem", { name: /Relance possible dans \d+ secondes/ }).waitFor();
  await owner.keyboard.press("Escape");

  const colleague = await visit("fr-FR");
  await linkTo(lea[0]);
  await colleague.goto(`/_local/inbox?to=${lea[0]}`);
  const opened = colleague.context().waitForEvent("page");
  const link = colleague.getByRole("link", { name: "Ouvrir le lien du message" });
  await link.evaluate((a) => a.setAttribute("target", "_blank"));
  await link.click();
  const landing = await opened;
  await landing.getByRole("heading", { name: "Invitation : Salon Summit" }).waitFor();
  await landing.getByText(`Claire Martin (${claire[0]}) vous invite dans l’équipe de Salon.`).waitFor();
  await landing.getByText("Observateur", { exact: false }).first().waitFor();
  expect(new URL(landing.url()).hash).toBe("");
  await picture(landing, "invitation");
  await landing.getByRole("button", { name: `Se connecter avec ${lea[0]} et accepter` }).click();
  await landing.waitForURL(/_local/);
  await landing
    .getByRole("button", { name: new RegExp(lea[0]) })
    .first()
    .click();
  // The button has said that signing in accepts: nothing more is asked.
  await landing.getByText("Vous avez maintenant accès à Salon Summit.").waitFor();
  await landing.getByRole("link", { name: "Voir vos accès" }).click();
  await landing.getByRole("main").getByRole("link", { name: "Salon Summit" }).click();
  // Observers see their own rights, but not who else has access.
  await landing.getByText("Vous ne pouvez pas voir qui d’autre a accès ici.").waitFor();
  expect(await landing.getByRole("button", { name: "Inviter" }).count()).toBe(0);

  await owner.reload();
  await row.getByText("Invitation en attente").waitFor({ state: "detached" });
  await row.getByRole("button", { name: "Rôle de Léa Dubois : Observateur" }).click();
  await owner.getByRole("menuitemradio", { name: /^Gestionnaire/ }).click();
  const pencil = owner.getByRole("dialog", { name: "Accès de Léa Dubois" });
  expect(await pencil.getByRole("radio", { name: /Gestionnaire/ }).isChecked()).toBe(true);
  await pencil.getByLabel("Raison").fill("Reprend les campagnes");
  await pencil.getByRole("button", { name: "Enregistrer" }).click();
  await row.getByText("Gestionnaire").waitFor();

  await row.getByRole("checkbox", { name: "Sélectionner Léa Dubois" }).check();
  await owner.getByRole("button", { name: "Retirer de l’équipe" }).click();
  const bin = owner.getByRole("dialog", { name: "Retirer l’accès à 1 personne" });
  await bin.getByText("Gestionnaire · Salon Summit").waitFor();
  await bin.getByText("aucun accès").waitFor();
  await bin.getByText("Libère 1 place.").waitFor();
  await bin.getByRole("button", { name: "Retirer l’accès à 1 personne" }).click();
  await owner.getByText("1 personne retirée, 1 place libérée.").waitFor();
  await row.waitFor({ state: "detached" });
  await owner.getByText("1 place utilisée sur 3").waitFor();

  // The colleague's next request shows no access.
  await landing.goto("/");
  await landing.getByRole("heading", { name: "Vous n’avez aucun accès" }).waitFor();
  // The history records all of it.
  await owner.getByRole("link", { name: "Historique" }).click();
  const history = owner.locator(".history");
  await history.getByText("Claire Martin a retiré l’accès de Léa Dubois").waitFor();
  await history.getByText("Raison : Reprend les campagnes").waitFor();
  await history.getByText("Léa Dubois a accepté l’invitation").waitFor();
  expectNoErrors();
});

// inwink (docs/domain.md#sources): three levels that inherit, a custom role on an event, pending invitations in the grid.
// `jobs.test.ts` has the plane, the pencil and the bin.
test("rights are granted at three levels, and each row shows where they come from", async () => {
  const sophie = someone("Sophie Bernard");
  const [karimTo, marcTo, oscarTo] = [someone("Karim"), someone("Marc"), someone("Oscar")] as const;
  const roles = ["administrator", "contributor", "reader", "custom"];
  await client("Fair", sophie, { roles });

  const page = await visitAs("en-GB", sophie, "/");
  const invite = async (scope: string, [email, name]: Person, role: RegExp, rights: string[] = []) => {
    await page.goto("/");
    await page.getByRole("navigation", { name: "Events" }).getByRole("link", { name: scope }).click();
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    const form = page.getByRole("dialog");
    await form.getByLabel("E-mail addresses").fill(`${name} <${email}>`);
    await form.getByRole("radio", { name: role }).check();
    for (const right of rights) await form.getByRole("checkbox", { name: right }).check();
    await form.getByRole("button", { name: "Send invitation" }).click();
    await form.waitFor({ state: "detached" });
    await page.getByRole("row", { name: new RegExp(name) }).waitFor();
  };
  await invite("Whole team", karimTo, /Administrator/);
  await invite("Fair Tech", marcTo, /Administrator/);
  // Custom roles are for events only.
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  expect(await page.getByRole("radio", { name: /Custom/ }).count()).toBe(0);
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await invite("Fair Summit", oscarTo, /Custom/, ["Contacts: import", "Check-in: scan"]);
  await invite("Fair Summit", marcTo, /Custom/, ["Orders: export"]);

  const marc = page.getByRole("row", { name: /Marc/ });
  await marc.getByText("Administrator · Fair Tech").waitFor();
  await marc.getByText("from the account or group").waitFor({ state: "attached" });
  await marc.getByText("no effect: an administrator role takes precedence").waitFor({ state: "attached" });
  await page.getByText("From the account or group (2)").waitFor();
  const karim = page.getByRole("row", { name: /Karim/ });
  await karim.getByText("Administrator").waitFor();
  await karim.getByText("from Fair").waitFor();
  const oscar = page.getByRole("row", { name: /Oscar/ });
  // Import and scan add the two views.
  await oscar.getByText("(4 permissions)").waitFor();

  // At the audience, Oscar has access at a lower level, and is listed unless the user asks otherwise.
  await page.getByRole("navigation", { name: "Events" }).getByRole("link", { name: "Fair Tech" }).click();
  await page.getByRole("row", { name: /Oscar/ }).getByText("Custom · Fair Summit").waitFor();
  await page.getByLabel("Include event teams").uncheck();
  await page.getByRole("row", { name: /Oscar/ }).waitFor({ state: "detached" });
  // The filter is in the URL and survives a reload.
  await page.reload();
  await page.getByRole("row", { name: /Marc/ }).waitFor();
  expect(await page.getByRole("row", { name: /Oscar/ }).count()).toBe(0);

  const guest = await visit("en-GB");
  await guest.goto(await linkTo(karimTo[0]));
  await guest.getByText("invites you to join the team of Fair.", { exact: false }).waitFor();
  const other = someone("Other User");
  await signIn(guest, ...other);
  await guest.getByText(`you are signed in as ${other[0]}`, { exact: false }).waitFor();
  await guest.getByRole("link", { name: `Ask for an invitation for ${other[0]}` }).waitFor();
  expect(await guest.getByRole("button", { name: "Accept the invitation" }).count()).toBe(0);
  expectNoErrors();
});
