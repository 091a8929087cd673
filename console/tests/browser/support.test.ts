import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { client, invite, logIn, NORA, someone } from "./platform";
import { expectNoErrors, visitAs, withBrowser } from "./visit";

withBrowser();

/** Chooses an option of a list. */
async function choose(page: Page, part: Locator, list: RegExp, option: string): Promise<void> {
  await part.getByRole("button", { name: list }).click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

test("support finds a person in two clients, sees a team without changing it, and asks why", async () => {
  const [sophie, claire, lea] = [someone("Sophie"), someone("Claire"), someone("Léa")];
  const salon = await client("Salon du Livre", sophie);
  const expo = await client("Expo Vins", claire);
  await invite(`${salon}:tech`, sophie, lea, "supervisor");
  await logIn(salon, lea);
  await invite(`${expo}:tech:summit`, claire, lea, "reader");
  const page = await visitAs("fr-FR", NORA, "/");
  // Without access of their own, support begins on its page.
  await page.getByRole("heading", { level: 1, name: "Assistance" }).waitFor();
  await page.getByLabel("Adresse e-mail").fill(lea[0]);
  await page.getByRole("button", { name: "Rechercher", exact: true }).click();
  await page.getByText(`${lea[0]} : 2 comptes`).waitFor();
  expect(page.url()).not.toContain("example.org");
  const here = page.getByRole("article").filter({ hasText: "Salon du Livre" });
  const there = page.getByRole("article").filter({ hasText: "Expo Vins" });
  await here.getByText("Accès actif").waitFor();
  await here.getByRole("row", { name: /Salon du Livre Tech Superviseur/ }).waitFor();
  await there.getByText("Invitation en attente").waitFor();
  await there.getByText("E-mail d’invitation").waitFor();

  await choose(page, here, /Endroit/, "Salon du Livre Summit");
  await here.getByRole("button", { name: "Vérifier" }).click();
  const yes = "Oui. Léa a le droit « Contacts : exporter » sur Salon du Livre Summit.";
  await here.getByText(`${yes} Il vient du rôle Superviseur, donné sur Salon du Livre Tech.`).waitFor();
  await choose(page, here, /Droit/, "Commandes : exporter");
  await here.getByRole("button", { name: "Vérifier" }).click();
  await here.getByText("Non. Léa n’a pas le droit « Commandes : exporter »", { exact: false }).waitFor();
  await there.getByRole("button", { name: "Vérifier" }).click();
  await there.getByText("Son accès n’est pas actif", { exact: false }).waitFor();

  await here.getByRole("link", { name: "Voir dans l’équipe de Salon du Livre" }).click();
  const panel = page.getByRole("dialog", { name: "Léa" });
  await panel.getByText("Superviseur").first().waitFor();
  await panel.getByText("Sophie a invité Léa").waitFor();
  const actions = /Suspendre|Relancer|Retirer|Donner|Modifier|Corriger|Quitter/;
  expect(await panel.getByRole("button", { name: actions }).count()).toBe(0);
  await panel.getByRole("button", { name: "Fermer" }).click();
  const row = page.getByRole("row", { name: /Léa/ });
  await row.getByText("Salon du Livre Tech", { exact: false }).waitFor();
  expect(await page.getByRole("button", { name: /^(Inviter|Rôle de)/ }).count()).toBe(0);
  await row.getByRole("button", { name: "Actions pour Léa" }).click();
  expect(await page.getByRole("menuitem").count()).toBe(1);
  await page.keyboard.press("Escape");
  expect(await row.getByRole("checkbox").count()).toBe(0);
  const tabs = page.getByRole("navigation", { name: "Rubriques" }).getByRole("link");
  expect(await tabs.allTextContents()).toEqual([
    "Équipe",
    "Personnes et événements",
    "Historique",
    "Contrat",
  ]);
  await page
    .getByRole("navigation", { name: "Événements" })
    .getByRole("link", { name: "Salon du Livre Summit" })
    .click();
  await page.getByRole("heading", { name: "Équipe – Salon du Livre Summit" }).waitFor();

  // The page remembers whom it was about.
  await page.getByRole("link", { name: "Assistance" }).click();
  await there.getByText("Invitation en attente").waitFor();
  await page.getByLabel("Rechercher un compte").fill(expo);
  await page
    .getByRole("region", { name: "Tous les comptes" })
    .getByRole("link", { name: "Expo Vins", exact: true })
    .click();
  await page.getByRole("heading", { name: "Équipe – Expo Vins" }).waitFor();
  expectNoErrors();
});

test("others are not offered the page of support, and a problem has the id of its request", async () => {
  const sophie = someone("Sophie");
  const id = await client("Sans aide", sophie);
  const page = await visitAs("fr-FR", sophie, "/support");
  await page.getByText("Cette page est réservée à l’assistance de la plateforme.").waitFor();
  expect(await page.getByRole("link", { name: "Assistance" }).count()).toBe(0);
  await page.goto(`/scopes/${id}:nowhere`);
  await page.getByText(/^Identifiant de la requête/).waitFor();
  expectNoErrors();
});
