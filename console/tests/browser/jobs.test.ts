import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { counting } from "./clicks";
import { withBothHands } from "./hands";
import {
  client,
  invite,
  linkTo,
  mailsTo,
  member,
  type Person,
  platform,
  send,
  someone,
  tokenOf,
  unreachable,
} from "./platform";
import { expectNoErrors, visit, visitAs, withBrowser } from "./visit";

// The jobs that organisers come to do, each within the clicks that it may take.

withBrowser();

/** The roles of the people of a scope, by name, as the API returns them. */
async function rolesAt(scope: string, by: Person): Promise<Record<string, string | null>> {
  const found = await send("GET", `/v1/scopes/${scope}/collaborators?limit=200`, await tokenOf(by));
  const rows = found.collaborators as { name: string; role: string | null }[];
  return Object.fromEntries(rows.map(({ name, role }) => [name, role]));
}

/** A list opened at a page, and the counter of what the user does there. */
async function opened(who: Person, path: string, row: string) {
  const page = await visitAs("fr-FR", who, path, {
    permissions: ["clipboard-read", "clipboard-write"],
    acceptDownloads: true,
  });
  await page
    .getByRole("row", { name: new RegExp(row) })
    .first()
    .waitFor();
  return { page, count: await counting(page) };
}

const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: true });
const box = (page: Page, name: string) =>
  page.getByRole("checkbox", { name: `Sélectionner ${name}`, exact: true });

withBothHands((hands) => {
  const { act, within } = hands;

  /** Invitations that wait while the other jobs are done: the last test sends reminders. */
  let waiting: { valerie: Person; id: string; people: Person[]; link: string; sentAt: number };

  beforeAll(async () => {
    const valerie = someone("Valérie");
    const id = await client("Relances", valerie);
    const people = [someone("Ana"), someone("Ben"), someone("Cléo")];
    for (const person of people) await invite(id, valerie, person, "reader");
    const links = await Promise.all(people.map(([email]) => linkTo(email)));
    waiting = { valerie, id, people, link: links[0] ?? "", sentAt: Date.now() };
  });

  test("inviter une personne : 3 clics et son adresse ; 30 depuis un tableau : 2 clics et un collage", async () => {
    const valerie = someone("Valérie");
    const id = await client("Agence", valerie, { seatLimit: 40 });
    const { page, count } = await opened(valerie, `/scopes/${id}:tech:summit`, "Valérie");
    const alice = someone("Alice");
    await act(button(page, "Inviter"));
    await page.getByRole("dialog").waitFor();
    // The field has the focus.
    await page.keyboard.type(alice[0]);
    await act(page.getByRole("radio", { name: /Superviseur/ }));
    await act(button(page, "Envoyer l’invitation"));
    await page.getByText(`Invitation envoyée à ${alice[0]}.`).waitFor();
    within(await count(), 4, alice[0].length);

    // As Excel copies it, with the heading "Mail".
    const people = Array.from({ length: 30 }, (_, n) => someone(`Invité ${n}`));
    const table = ["Nom\tMail\tRôle", ...people.map(([email, name]) => `${name}\t${email}\tLecteur`)].join(
      "\n",
    );
    await page.evaluate((text) => navigator.clipboard.writeText(text), table);
    await count();
    await act(button(page, "Inviter"));
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Control+V");
    await act(button(page, "Inviter 30 personnes"));
    await page.getByText("30 invitations envoyées.").waitFor();
    within(await count(), 4);
    expect(
      Object.values(await rolesAt(`${id}:tech:summit`, valerie)).filter((role) => role === "reader"),
    ).toHaveLength(30);
    expectNoErrors();
  });

  test("corriger 3 lignes : chacune dans sa ligne, sans toucher aux autres", async () => {
    const valerie = someone("Valérie");
    const [lea, max, zoe] = [someone("Léa"), someone("Max"), someone("Zoé")];
    const id = await client("Lignes", valerie);
    const { page } = await opened(valerie, `/scopes/${id}:tech`, "Valérie");
    await act(button(page, "Inviter"));
    const form = page.getByRole("dialog");
    await form
      .getByLabel("Adresses e-mail")
      .fill(`${lea[0]};Léa;Lecteur\nmax(arobase)example;Max;Lecteur\n${zoe[0]};Zoé;éditrice`);
    const address = form.getByLabel("Adresse de la ligne 2");
    await address.fill(max[0]);
    await address.blur();
    await act(form.getByRole("button", { name: /Rôle de la ligne 3/ }));
    await act(page.getByRole("menuitemradio", { name: "Contributeur" }));
    await act(button(page, "Inviter 3 personnes"));
    await page.getByText("3 invitations envoyées.").waitFor();
    expect(await rolesAt(`${id}:tech`, valerie)).toMatchObject({
      Léa: "reader",
      Max: "reader",
      Zoé: "contributor",
    });
    expectNoErrors();
  });

  test("changer le rôle de 8 personnes : 12 clics ; repousser 12 fins : 4 clics", async () => {
    const valerie = someone("Valérie");
    const id = await client("Huit", valerie);
    const event = `${id}:tech:summit`;
    const expiresAt = new Date(Date.now() + 40 * 86_400_000).toISOString();
    const names = Array.from({ length: 12 }, (_, n) => `Pers${String(n).padStart(2, "0")}`);
    for (const name of names) await invite(event, valerie, someone(name), "reader", { expiresAt });
    const { page, count } = await opened(valerie, `/scopes/${event}`, "Pers11");
    for (const name of names.slice(0, 8)) await act(box(page, name));
    const bar = page.getByRole("toolbar");
    await act(bar.getByRole("button", { name: "Rôle" }));
    await act(
      page
        .getByRole("menuitemradio", { name: /^Superviseur/ })
        .or(page.getByRole("menuitem", { name: /^Superviseur/ })),
    );
    await act(button(page, "Modifier 8 accès"));
    await page.getByText("8 accès modifiés.").waitFor();
    within(await count(), 12);
    const roles = await rolesAt(event, valerie);
    expect(names.filter((name) => roles[name] === "supervisor")).toEqual(names.slice(0, 8));

    await page.reload();
    await page.getByRole("row", { name: /Pers11/ }).waitFor();
    await count();
    await act(page.getByRole("checkbox", { name: "Sélectionner toutes les personnes affichées" }));
    await act(bar.getByRole("button", { name: "Fin", exact: true }));
    await act(page.getByRole("menuitem", { name: "+ 3 mois" }));
    await act(button(page, "Modifier 12 accès"));
    await page.getByText("12 accès modifiés.").waitFor();
    within(await count(), 4);
    const found = await send("GET", `/v1/scopes/${event}/collaborators`, await tokenOf(valerie));
    const ends = (found.collaborators as { grants: { expiresAt: string | null }[] }[])
      .flatMap(({ grants }) => grants.map((grant) => grant.expiresAt))
      .filter((end) => end !== null);
    expect(ends).toHaveLength(12);
    for (const end of ends) expect(Date.parse(end ?? "")).toBeGreaterThan(Date.now() + 125 * 86_400_000);
    expectNoErrors();
  });

  test("donner 3 événements à 5 personnes : 11 clics, et leurs adresses se copient", async () => {
    const valerie = someone("Valérie");
    const id = await client("Cinq", valerie);
    for (const event of ["expo", "gala"]) {
      const body = { name: `Cinq ${event}`, kind: "event" };
      await send("PUT", `/v1/scopes/${id}:tech:${event}`, await platform(), body);
    }
    const names = ["Ana", "Ben", "Cléo", "Dan", "Ève"];
    for (const name of names) await invite(`${id}:tech`, valerie, someone(name), "observer");
    const { page, count } = await opened(valerie, `/scopes/${id}`, "Dan");
    for (const name of names) await act(box(page, name));
    await act(page.getByRole("toolbar").getByRole("button", { name: "Donner accès à…" }));
    const form = page.getByRole("dialog", { name: "Donner accès à 5 personnes" });
    for (const event of ["Cinq Summit", "Cinq expo", "Cinq gala"])
      await act(form.getByRole("checkbox", { name: event }));
    await act(form.getByRole("radio", { name: /^Superviseur/ }));
    await act(button(page, "Donner 15 accès"));
    await page.getByText("15 accès donnés.").waitFor();
    within(await count(), 11);
    for (const event of ["summit", "expo", "gala"]) {
      const roles = await rolesAt(`${id}:tech:${event}`, valerie);
      expect(names.map((name) => roles[name])).toEqual(names.map(() => "supervisor"));
    }
    await act(button(page, "Copier les adresses"));
    await page.getByText("5 adresses copiées.").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.split("; ")).toHaveLength(5);
    expect(copied).toMatch(/^Ana <ana\..*@example\.org>; /);
    expectNoErrors();
  });

  test("savoir qui peut exporter les contacts : 2 clics ; exporter la liste : 2 clics", async () => {
    const valerie = someone("Valérie");
    const id = await client("Droits", valerie);
    const event = `${id}:tech:summit`;
    await member(event, valerie, "Sam", "supervisor");
    await member(event, valerie, "Olga", "observer");
    const { page, count } = await opened(valerie, `/scopes/${event}`, "Olga");
    await act(button(page, "Peut…"));
    await act(page.getByRole("menuitemradio", { name: /^Contacts.*exporter$/ }));
    await page.getByRole("row", { name: /Olga/ }).waitFor({ state: "detached" });
    expect(await page.locator(".rows .who a").allTextContents()).toEqual(["Sam", "Valérie"]);
    within(await count(), 2);
    const saved = page.waitForEvent("download");
    await act(button(page, "Exporter"));
    await act(page.getByRole("menuitem", { name: /^Fichier CSV/ }));
    const file = await saved;
    expect(file.suggestedFilename()).toBe("equipe-droits-summit.csv");
    const text = (await (await file.createReadStream()).toArray()).join("");
    // Exactly the people shown, as a French Excel opens it.
    expect(text).toContain("Sam");
    expect(text).not.toContain("Olga");
    expect(text.split("\n")[0]).toContain(";");
    within(await count(), 2);
    expectNoErrors();
  });

  test("retirer une personne de partout : 4 clics après l’avoir cherchée", async () => {
    const valerie = someone("Valérie");
    const id = await client("Départ", valerie);
    const hugo = someone("Hugo");
    await invite(`${id}:tech`, valerie, hugo, "reader");
    await invite(`${id}:tech:summit`, valerie, hugo, "supervisor");
    const { page, count } = await opened(valerie, `/scopes/${id}`, "Hugo");
    await act(page.getByRole("searchbox", { name: "Rechercher un nom ou une adresse" }));
    await page.keyboard.type("hugo");
    await page.getByRole("row", { name: /Valérie/ }).waitFor({ state: "detached" });
    await act(button(page, "Actions pour Hugo"));
    await act(page.getByRole("menuitem", { name: "Retirer de partout" }));
    const bin = page.getByRole("dialog");
    await bin.getByText("Superviseur · Départ Summit").waitFor();
    await bin.getByText("aucun accès").waitFor();
    await act(button(page, "Retirer l’accès à 1 personne"));
    await page.getByText("1 personne retirée, 1 place libérée.").waitFor();
    within(await count(), 4);
    expectNoErrors();
  });

  test("corriger une adresse refusée : 3 clics, et l’invitation part vers la bonne", async () => {
    const valerie = someone("Valérie");
    const id = await client("Adresse", valerie);
    await invite(id, valerie, unreachable("Béatrice"), "reader");
    const right = someone("Béatrice");
    const { page, count } = await opened(valerie, `/scopes/${id}`, "Béatrice");
    await expect
      .poll(
        async () => {
          await page.reload();
          await page.getByRole("row", { name: /Béatrice/ }).waitFor();
          return page.getByText("adresse refusée").count();
        },
        { timeout: 20_000, interval: 500 },
      )
      .toBe(1);
    await count();
    await act(button(page, "Corriger"));
    await page.getByRole("dialog").waitFor();
    // The old address is selected: typing replaces it.
    await page.keyboard.type(right[0]);
    await act(button(page, "Corriger et renvoyer"));
    await page.getByText(`Invitation envoyée à ${right[0]}.`).waitFor();
    within(await count(), 3);
    expect(await linkTo(right[0])).toContain("#");
    expectNoErrors();
  });

  test("savoir qui a changé quoi cette semaine : 2 clics ; pourquoi une personne a un droit : 2 clics", async () => {
    const valerie = someone("Valérie");
    const id = await client("Semaine", valerie);
    const lea = await member(`${id}:tech:summit`, valerie, "Léa", "supervisor");
    const { page, count } = await opened(valerie, `/scopes/${id}`, "Léa");
    await act(page.getByRole("link", { name: "Historique" }));
    await act(button(page, "7 derniers jours"));
    await page.locator(".history").getByText("Valérie a invité Léa").waitFor();
    expect(new URL(page.url()).searchParams.get("from")).toMatch(/^\d{4}-\d\d-\d\d$/);
    within(await count(), 2);

    await page.goto(`/scopes/${id}:tech:summit`);
    await count();
    await act(page.getByRole("link", { name: "Léa", exact: true }));
    const right = page.getByRole("dialog", { name: "Léa" }).getByRole("row", { name: /^Contacts/ });
    await right.getByText("Superviseur · Semaine Summit").first().waitFor({ state: "attached" });
    within(await count(), 2);
    expect(lea[1]).toBe("Léa");
    expectNoErrors();
  });

  test("transférer la propriété : 6 clics", async () => {
    const valerie = someone("Valérie");
    const id = await client("Relais", valerie);
    const karim = await member(id, valerie, "Karim", "administrator");
    const { page, count } = await opened(valerie, `/scopes/${id}`, "Karim");
    await act(page.getByRole("link", { name: "Propriété", exact: true }));
    await act(button(page, "Choisir Karim"));
    await page.getByText("Karim devient propriétaire de Relais", { exact: false }).waitFor();
    await act(page.getByRole("checkbox", { name: /Je comprends/ }));
    await act(page.getByRole("dialog").getByRole("button", { name: "Transférer la propriété" }));
    await page.getByText("La propriété est transférée à Karim.").waitFor();
    within(await count(), 6);
    const { owner } = await send("GET", `/v1/scopes/${id}`, await tokenOf(karim));
    expect(owner).toMatchObject({ email: karim[0] });
    expectNoErrors();
  });

  test("accepter sur un téléphone : 2 touches, et l’événement s’ouvre", async () => {
    const valerie = someone("Valérie");
    const lea = someone("Léa");
    const id = await client("Jazz", valerie);
    const body = { name: "Jazz en Isère", kind: "event", platformUrl: "https://back-office.example/jazz" };
    await send("PUT", `/v1/scopes/${id}:tech:jazz`, await platform(), body);
    await invite(`${id}:tech:jazz`, valerie, lea, "supervisor");
    const phone = await visit("fr-FR", { viewport: { width: 360, height: 740 } });
    await phone.goto(await linkTo(lea[0]));
    await phone.getByRole("heading", { name: /Invitation.*Jazz en Isère/ }).waitFor();
    await act(button(phone, `Se connecter avec ${lea[0]} et accepter`));
    // The issuer's own page; then nothing more is asked.
    await phone.waitForURL(/_local/);
    await act(phone.getByRole("button", { name: new RegExp(lea[0]) }).first());
    await phone.getByText("Vous avez maintenant accès à Jazz en Isère.").waitFor();
    const open = phone.getByRole("link", { name: "Ouvrir Jazz en Isère" });
    expect(await open.getAttribute("href")).toBe("https://back-office.example/jazz");
    const found = await send("GET", `/v1/scopes/${id}:tech:jazz/collaborators`, await tokenOf(valerie));
    const people = found.collaborators as { name: string; status: string }[];
    expect(people.find(({ name }) => name === "Léa")?.status).toBe("active");
    expectNoErrors();
  });

  test("relancer toutes les invitations sans réponse : 3 clics", async () => {
    const { valerie, id, people, sentAt } = waiting;
    // One address gets one invitation a minute.
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, sentAt + 61_000 - Date.now())));
    const { page, count } = await opened(valerie, `/scopes/${id}`, "Cléo");
    await act(button(page, /^Invitations en attente 3$/));
    await page.getByRole("row", { name: /Valérie/ }).waitFor({ state: "detached" });
    await act(page.getByRole("checkbox", { name: "Sélectionner toutes les personnes affichées" }));
    await act(page.getByRole("toolbar").getByRole("button", { name: "Relancer (3)" }));
    await page.getByText("3 relances envoyées.").waitFor();
    within(await count(), 3);
    for (const [email] of people) await expect.poll(async () => (await mailsTo(email)).length).toBe(2);
    // The new link works, and the old one does not any more.
    const [first] = people;
    const fresh = await linkTo(first?.[0] ?? "", 1);
    const guest = await visit("fr-FR");
    await guest.goto(waiting.link);
    await guest.getByRole("heading", { name: "Ce lien n’est plus valable" }).waitFor();
    await guest.goto(fresh);
    await guest.getByRole("heading", { name: /^Invitation/ }).waitFor();
    expect(fresh).not.toBe(waiting.link);
    expectNoErrors();
  });
});
